using System.Globalization;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Conditions;

namespace DiffusionDpo.Operator.Reconciling;

/// <summary>The condition DataReady: of a run with the stage Prepare it says whether that has succeeded, of another whether the trainer has model and data.</summary>
internal static class DataReadiness
{
    /// <summary>The condition.</summary>
    /// <param name="decision">What it is decided on.</param>
    /// <param name="attempt">How far the open attempt is.</param>
    /// <param name="waiting">Why the run waits, where no pod runs.</param>
    public static (bool Holds, string Reason, string Message) Of(Decision decision, AttemptState attempt, string waiting)
    {
        // Of a run that has ended nothing is asked again: the cache keeps no spec.data of it.
        if (Ended(decision) is { } last) return last;
        if (!HasPrepare(decision)) return (attempt.IsLoaded, attempt.IsLoaded ? Reasons.Active : attempt.IsRunning ? Reasons.Loading : waiting, "");
        if (IsPrepared(decision.Status)) return (true, attempt.IsLoaded ? Reasons.Active : Reasons.Prepared, "");
        if (decision.Failure is { } failure) return (false, failure.Reason, failure.Sentence);
        return attempt.IsRunning ? (false, Reasons.Preparing, Preparing(decision)) : (false, waiting, "");
    }

    /// <summary>How far the open attempt at the stage Prepare is, in a sentence.</summary>
    public static string Preparing(Decision decision) => decision.Status.Preparation is { } so && so.UpdatedAt >= decision.Open?.StartTime
        ? string.Create(CultureInfo.InvariantCulture, $"Preparing: {so.Work}, {so.Done:N0} of {so.Total:N0}{(decision.Seen.FineTune.Spec.Workers.Count > 1 ? " of worker 0" : "")}.")
        : "Preparing begins.";

    private static (bool Holds, string Reason, string Message)? Ended(Decision decision) =>
        decision.Seen.FineTune.Status is { Phase: FineTunePhase.Complete or FineTunePhase.Failed } status
        && decision.HasEnded
        && status.Conditions.FirstOrDefault(c => c.Type == ConditionTypes.DataReady) is { } said
            ? (said.Status == "True", said.Reason, said.Message)
            : null;

    private static bool HasPrepare(Decision decision) =>
        decision.Seen.FineTune.Spec is { Data: not null } spec && RunPlan.StagesFor(spec).Contains(Stage.Prepare);

    private static bool IsPrepared(DpoFineTuneStatus status) =>
        status.Attempts is [.., { Stage: not Stage.Prepare } or { Class: nameof(AttemptClass.Succeeded) }];
}
