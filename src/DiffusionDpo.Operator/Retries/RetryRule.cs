using DiffusionDpo.Operator.Attempts;

namespace DiffusionDpo.Operator.Retries;

/// <summary>What follows from how an attempt ended.</summary>
/// <param name="Class">How it ended.</param>
/// <param name="Budget">What a restart uses up.</param>
/// <param name="Advice">What to do about it when the run is given up, in one sentence.</param>
/// <param name="From">Where the restart goes on.</param>
internal sealed record RetryRule(AttemptClass Class, RetryBudget Budget, string Advice, ResumeFrom From = ResumeFrom.Newest);
