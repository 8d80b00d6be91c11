using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Conditions;

namespace DiffusionDpo.Operator.Retries;

/// <summary>Decides whether a run goes on after a failed attempt. Pure.</summary>
internal static class RetryDecision
{
    /// <summary>The verdict.</summary>
    /// <param name="policy">What the user allows.</param>
    /// <param name="used">What was used up before.</param>
    /// <param name="cause">Why the attempt ended.</param>
    /// <param name="newest">Step of the newest checkpoint.</param>
    /// <param name="now">The time.</param>
    /// <param name="seed">Spreads the waits of many runs; the same for the same attempt.</param>
    public static RetryVerdict After(
        RetryPolicyOptions policy, RetryStatus used, RootCause cause, int? newest, DateTimeOffset now, int seed)
    {
        used = CountProgress(policy, used, newest);
        var rule = RetryRules.For(cause.Class);
        if (rule.Budget == RetryBudget.None) return GiveUp(used, $"{cause.Class}", cause, rule);
        if (rule.Budget == RetryBudget.Free) return new RetryVerdict(used with { NotBefore = now });
        if (IsUsedUp(rule, policy, used) is { } reason) return GiveUp(used, reason, cause, rule);
        if (used.WithoutProgress >= policy.NoProgressLimit) return GiveUp(used, Reasons.NoProgress, cause, rule);
        var next = Charge(rule, used) with { WithoutProgress = used.WithoutProgress + 1 };
        return new RetryVerdict(Resume(rule, next, newest) with { NotBefore = now + Backoff.Wait(policy.Backoff, next.WithoutProgress, seed) });
    }

    /// <summary>A checkpoint newer than any before is progress: it ends a row of failures and, if the policy says so, gives restarts back.</summary>
    private static RetryStatus CountProgress(RetryPolicyOptions policy, RetryStatus used, int? newest)
    {
        if (newest is not { } step || step <= (used.BestStep ?? 0)) return used;
        var counted = used with { BestStep = step, WithoutProgress = 0, PassOverCorrupt = false };
        if (step >= used.ResumeBeforeStep) counted = counted with { ResumeBeforeStep = null };
        return policy.ResetAfterProgress ? counted with { Restarts = 0, InfraRestarts = 0, UsedOnce = [] } : counted;
    }

    private static string? IsUsedUp(RetryRule rule, RetryPolicyOptions policy, RetryStatus used) => rule.Budget switch
    {
        RetryBudget.Once when used.UsedOnce.Contains($"{rule.Class}") => $"{rule.Class}",
        RetryBudget.Infrastructure when used.InfraRestarts >= policy.MaxInfraRestarts => Reasons.InfraRestartsUsedUp,
        RetryBudget.Application when used.Restarts >= policy.MaxRestarts => Reasons.RestartsUsedUp,
        _ => null,
    };

    private static RetryStatus Charge(RetryRule rule, RetryStatus used) => rule.Budget switch
    {
        RetryBudget.Once => used with { UsedOnce = [.. used.UsedOnce, $"{rule.Class}"] },
        RetryBudget.Infrastructure => used with { InfraRestarts = used.InfraRestarts + 1 },
        _ => used with { Restarts = used.Restarts + 1 },
    };

    private static RetryStatus Resume(RetryRule rule, RetryStatus used, int? newest) => rule.From switch
    {
        ResumeFrom.NewestSound => used with { PassOverCorrupt = true },
        ResumeFrom.Previous => used with { ResumeBeforeStep = newest },
        _ => used,
    };

    private static RetryVerdict GiveUp(RetryStatus used, string reason, RootCause cause, RetryRule rule)
    {
        var place = cause.Rank is { } rank ? $" (rank {rank}{(cause.Node is { } node ? $" on {node}" : "")})" : "";
        var said = cause.Message is { } message ? $": {message.TrimEnd('.')}" : "";
        return new RetryVerdict(used with { NotBefore = null }, reason, $"{cause.Class}{place}{said}. {Reasons.Explain(reason)}{rule.Advice}".TrimEnd());
    }
}
