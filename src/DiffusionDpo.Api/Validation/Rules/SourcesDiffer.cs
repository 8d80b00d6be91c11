namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>A source given twice would count its pairs twice.</summary>
internal static class SourcesDiffer
{
    public const string Path = "data.sources";
    public const string Cel = "self.data.sources.all(s, self.data.sources.exists_one(t, t.uri == s.uri))";
    public const string Message = "names a source twice — remove one";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Data.Sources.Select(s => s.Uri).Distinct().Count() == spec.Data.Sources.Count);
}
