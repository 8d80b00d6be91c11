using DiffusionDpo.Operator.Attempts;

namespace DiffusionDpo.Operator.Retries;

/// <summary>What follows from how an attempt ended.</summary>
/// <param name="Class">How it ended.</param>
/// <param name="Budget">What a restart uses up.</param>
/// <param name="Remedy">What to change, without a full stop; empty where nothing need be.</param>
/// <param name="From">Where the restart goes on.</param>
internal sealed record RetryRule(AttemptClass Class, RetryBudget Budget, string Remedy, ResumeFrom From = ResumeFrom.Newest)
{
    /// <summary>What to do when the run is given up, in one sentence.</summary>
    public string Advice => Remedy.Length == 0 ? "" : $"{Remedy}, then set another spec.runId to start a new run.";
}
