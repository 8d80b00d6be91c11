namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>The base model is never overwritten.</summary>
internal static class OutputIsNotTheModel
{
    public const string Path = "output.uri";
    public const string Cel = "self.output.uri != self.model.source";
    public const string Message = "is the base model's own directory — choose another one";

    public static readonly FineTuneRule Rule = new(Path, Cel, Message, spec => spec.Output.Uri != spec.Model.Source);
}
