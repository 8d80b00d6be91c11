namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>Measuring needs something to measure on.</summary>
internal static class HeldOutIsGiven
{
    public const string Path = "evaluation.heldOutEverySteps";
    public const string Cel = "self.evaluation.heldOutEverySteps == 0 || (has(self.data.heldOut) && size(self.data.heldOut) > 0)";
    public const string Message = "measures held-out pairs, but there are none — give data.heldOut, or set it to 0";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Evaluation.HeldOutEverySteps == 0 || spec.Data.HeldOut.Count > 0);
}
