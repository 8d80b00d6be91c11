namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Accuracy on pairs that were trained on says nothing.</summary>
internal static class HeldOutIsSeparate
{
    public const string Path = "data.heldOut";
    public const string Cel = "!has(self.data.heldOut) || self.data.heldOut.all(h, !self.data.sources.exists(s, s.uri == h.uri))";
    public const string Message = "holds a source that is trained on — hold out other pairs";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => !spec.Data.HeldOut.Any(h => spec.Data.Sources.Any(s => s.Uri == h.Uri)));
}
