using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.Operator.Conditions;

namespace DiffusionDpo.Operator.Reconciling.Steps;

/// <summary>The end of a run; Failed's reason and message stand in its condition.</summary>
internal static class EndRun
{
    /// <summary>What a run is told that has taken too long.</summary>
    public const string DeadlineSentence = "spec.activeDeadlineSeconds have passed. Raise them, then set another spec.runId to start a new run.";

    /// <summary>A run whose deadline passes between two attempts ends as well.</summary>
    public static Next Decide(Decision decision)
    {
        if (decision.HasEnded) return Next.Report;
        if (decision.Open is null && Deadline.Of(decision.Seen.FineTune.Spec, decision.Status) <= decision.Seen.Now)
        {
            Fail(decision, Reasons.DeadlineExceeded, DeadlineSentence);
            return Next.Report;
        }

        return Next.Step;
    }

    /// <summary>All stages succeeded.</summary>
    public static void Complete(Decision decision)
    {
        End(decision, FineTunePhase.Complete);
        decision.Tell(EventKind.Normal, "Complete", "EndRun", $"The model is at {decision.Seen.FineTune.Spec.Output.Uri.TrimEnd('/')}/model");
    }

    /// <summary>The run is given up.</summary>
    public static void Fail(Decision decision, string reason, string sentence)
    {
        End(decision, FineTunePhase.Failed);
        decision.Failure = (reason, sentence);
        decision.Tell(EventKind.Warning, reason, "EndRun", $"Given up: {sentence}");
    }

    private static void End(Decision decision, FineTunePhase phase)
    {
        decision.Status = decision.Status with { Phase = phase, CompletionTime = decision.Seen.Now, ActiveSince = null };
        if (decision.Seen.FineTune.Spec.TtlSecondsAfterFinished is { } seconds) decision.LookAgain(decision.Seen.Now.AddSeconds(seconds));
    }
}
