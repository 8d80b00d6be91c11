using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Texts;

namespace DiffusionDpo.Operator.Attempts;

/// <summary>What of a trainer's words can be so. A pod may say anything, and the status has bounds.</summary>
internal static class Believable
{
    private const int MostUri = 1024;
    private const int Sha256Digits = 64;
    private const int MostWork = 63;

    /// <summary>The progress; null where it makes no sense. Numbers that are none are left out, and nothing was measured later than now.</summary>
    public static TrainingProgress? Progress(TrainingProgress? said, DateTimeOffset now)
    {
        if (said is not { Step: >= 0, TotalSteps: > 0 } || said.Step > said.TotalSteps) return null;
        return said with
        {
            Loss = Finite(said.Loss),
            ImplicitAccuracy = Finite(said.ImplicitAccuracy),
            PairsPerSecond = Finite(said.PairsPerSecond),
            EtaSeconds = Finite(said.EtaSeconds),
            UpdatedAt = Past(said.UpdatedAt, now),
        };
    }

    /// <summary>How far preparing is; null where it makes no sense.</summary>
    public static PreparationStatus? Preparation(PreparationStatus? said, DateTimeOffset now)
    {
        if (said is not { Work: { Length: > 0 and <= MostWork } work, Done: >= 0, Total: > 0 } || said.Done > said.Total) return null;
        if (work != ForeignText.OneLine(work, MostWork)) return null;
        return said with { PerSecond = Finite(said.PerSecond), EtaSeconds = Finite(said.EtaSeconds), UpdatedAt = Past(said.UpdatedAt, now) };
    }

    /// <summary>The checkpoint; null where it is none.</summary>
    public static CheckpointStatus? Checkpoint(CheckpointStatus? said)
    {
        if (said is not { Step: > 0, WorldSize: > 0, Uri: { Length: > 0 and <= MostUri } uri, Sha256: { Length: Sha256Digits } digest }) return null;
        return uri == ForeignText.OneLine(uri, MostUri) && digest.All(char.IsAsciiHexDigit) ? said with { Time = Rounded(said.Time) } : null;
    }

    private static DateTimeOffset Past(DateTimeOffset time, DateTimeOffset now) => Rounded(time < now ? time : now);

    // Finer times do not come back from the API server as they were written, and would be written again and again.
    private static DateTimeOffset Rounded(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);

    // Zero has no sign in the API server.
    private static double? Finite(double? number) => number is { } given && double.IsFinite(given) ? given + 0.0 : null;
}
