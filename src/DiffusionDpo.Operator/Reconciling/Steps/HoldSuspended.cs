namespace DiffusionDpo.Operator.Reconciling.Steps;

/// <summary>A suspended run starts nothing, and its deadline waits.</summary>
internal static class HoldSuspended
{
    /// <summary>Decides.</summary>
    public static Next Decide(Decision decision)
    {
        var (status, now) = (decision.Status, decision.Seen.Now);
        if (!decision.Seen.FineTune.Spec.Suspend)
        {
            if (status.ActiveSince is null) decision.Status = status with { ActiveSince = now };
            if (Deadline.Of(decision.Seen.FineTune.Spec, decision.Status) is { } deadline && deadline > now) decision.LookAgain(deadline);
            return Next.Step;
        }

        if (decision.Open is not null) return Next.Step;
        if (status.ActiveSince is { } since)
            decision.Status = status with { ActiveSince = null, ActiveSeconds = (status.ActiveSeconds ?? 0) + (now - since).TotalSeconds };
        return Next.Report;
    }
}
