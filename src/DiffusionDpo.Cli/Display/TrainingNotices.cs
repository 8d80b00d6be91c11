using System.Text.Json;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Training.HeldOut;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Training.Memory;
using DiffusionDpo.Training.Runs;
using DiffusionDpo.Training.Steps;

namespace DiffusionDpo.Cli.Display;

/// <summary>Says what happens in training in words and fields.</summary>
internal static class TrainingNotices
{
    /// <summary>The event of a <see cref="HeldOutMeasured"/>, by which it is found again in a run's log.</summary>
    public const string HeldOutEvent = "held-out";

    private const string ReferenceEvent = "reference-cache";

    /// <summary>Shows an event.</summary>
    /// <param name="display">Where.</param>
    /// <param name="happened">What happened.</param>
    public static void Show(this IRunDisplay display, TrainingEvent happened)
    {
        switch (happened)
        {
            case StepCompleted completed: display.Show(Progress(completed)); break;
            case MemoryPlanned planned: display.Show(Planned(planned.Verdict)); break;
            case ShardScored scored: display.Show(FeedbackNotices.Of(scored.Progress)); break;
            case PairsLabelled labelled: display.Show(FeedbackNotices.Of(labelled.Scorer, labelled.Facts)); break;
            case RunStarted started: display.Show(Started(started)); break;
            case CheckpointSaved saved: display.Show(Saved(saved)); break;
            case HeldOutMeasured measured: display.Show(HeldOut(measured.Result)); break;
            case BadShardSkipped bad: display.Show(Notice.Of("bad-shard", $"skipped {bad.Shard}")); break;
            case DiskCacheFailed failed: display.Show(Notice.Of("disk-cache", failed.Reason)); break;
            case ReferenceErrorsFound found: display.Show(Found(found)); break;
            case ReferenceDriftMeasured drift: display.Show(Drift(drift.Logit)); break;
            case ReferenceErrorsUsed used: display.Show(Used(used)); break;
            case ReferenceCacheFailed failed: display.Show(Notice.Of(ReferenceEvent, failed.Reason)); break;
            case PairsRead read: display.Show(Read(read)); break;
            case BadRowSkipped bad: display.Show(Notice.Of("bad-row", $"skipped {bad.Row}")); break;
        }
    }

    /// <summary>An accuracy with its interval, such as 71.5 % (95 % interval 66.3–76.4 %).</summary>
    /// <param name="accuracy">The accuracy.</param>
    public static string Describe(HeldOutAccuracy accuracy) =>
        $"{100 * accuracy.Accuracy:F1} % (95 % interval {100 * accuracy.Lower:F1}–{100 * accuracy.Upper:F1} %)";

    private static StepProgress Progress(StepCompleted completed) => new(
        completed.Report.Step,
        completed.Progress.TotalSteps,
        completed.Report.Loss,
        completed.Report.ImplicitAccuracy,
        completed.Report.RewardMargin,
        completed.Report.WinnerExcess,
        completed.Report.LoserExcess,
        completed.Report.ReferenceError,
        completed.Report.GradientNorm,
        completed.Report.LearningRate,
        completed.Progress.PairsPerSecond ?? double.NaN,
        TimeSpan.FromSeconds(completed.Progress.EtaSeconds ?? 0),
        Enum.GetValues<StepPhase>().ToDictionary(phase => JsonNamingPolicy.CamelCase.ConvertName($"{phase}"), phase => completed.Report.Phases[(int)phase].TotalSeconds));

    private static Notice Started(RunStarted started)
    {
        string resumed = started.ResumedFrom is null ? "" : $", resuming at step {started.Progress.Step} from {started.ResumedFrom}";
        string measuring = started.HeldOutPairs > 0 && started.Progress.Step == 0 ? "; measuring held-out accuracy before the first" : "";
        bool isCheckpointed = started.Training.GradientCheckpointing == GradientCheckpointing.Blocks;
        string how = $"{(isCheckpointed ? ", activations of blocks computed again" : "")}{(started.Training.Tf32 ? ", float32 products in TF32" : "")}";
        string text = $"{started.Pairs:N0} training pairs, {started.HeldOutPairs:N0} held out, {started.Progress.TotalSteps:N0} steps{how}{resumed}{measuring}";
        return new("train", text, new Dictionary<string, object?>
        {
            ["pairs"] = started.Pairs,
            ["rows"] = started.Rows,
            ["ties"] = started.Ties,
            ["unlabelled"] = started.Unlabelled,
            ["heldOutPairs"] = started.HeldOutPairs,
            ["step"] = started.Progress.Step,
            ["totalSteps"] = started.Progress.TotalSteps,
            ["resumedFrom"] = started.ResumedFrom,
            ["gradientCheckpointing"] = started.Training.GradientCheckpointing,
            ["tf32"] = started.Training.Tf32,
        });
    }

    private static Notice Found(ReferenceErrorsFound found)
    {
        string network = found.Known == found.Needed ? "no reference network is needed" : "the reference computes the others, and they are kept";
        return new(ReferenceEvent, $"the reference's errors of {found.Known:N0} of {found.Needed:N0} visits to pairs are known; {network}", new Dictionary<string, object?>
        {
            ["known"] = found.Known,
            ["needed"] = found.Needed,
            ["uri"] = found.Place,
        });
    }

    private static Notice Drift(double logit) =>
        new(ReferenceEvent, $"known errors move a logit by {logit:G3} at most from what this machine computes", new Dictionary<string, object?> { ["drift"] = logit });

    private static Notice Used(ReferenceErrorsUsed used) =>
        new(ReferenceEvent, $"the reference's errors of {used.Reused:N0} visits to pairs were known, of {used.Computed:N0} computed", new Dictionary<string, object?>
        {
            ["reused"] = used.Reused,
            ["computed"] = used.Computed,
        });

    private static Notice Read(PairsRead read)
    {
        (ReadFigures reading, TimeSpan waited, _) = read;
        string text = $"read {ByteCount.Of(reading.Bytes)}{(reading.Groups > 0 ? $" in {reading.Groups:N0} row groups" : "")}, {reading.Amplification:F3} times what was needed; steps waited {waited.TotalSeconds:F1} s for pairs";
        return new("data", text, new Dictionary<string, object?>
        {
            ["groups"] = reading.Groups,
            ["reads"] = reading.Reads,
            ["bytes"] = reading.Bytes,
            ["neededBytes"] = reading.NeededBytes,
            ["waitSeconds"] = waited.TotalSeconds,
            ["cacheHits"] = read.Cache?.Hits,
            ["cacheMisses"] = read.Cache?.Misses,
            ["cacheHitBytes"] = read.Cache?.HitBytes,
            ["cacheCorrupt"] = read.Cache?.Corrupt,
        });
    }

    private static Notice Planned(MemoryVerdict verdict)
    {
        string there = verdict.Available is { } available ? $" of {ByteCount.Of(available)}" : "";
        return new("memory", $"about {ByteCount.Of(verdict.Plan.Total)} of memory{there} by estimate", new Dictionary<string, object?>
        {
            ["total"] = verdict.Plan.Total,
            ["available"] = verdict.Available,
            ["plan"] = verdict.Plan,
        });
    }

    private static Notice Saved(CheckpointSaved saved) => new("checkpoint", $"step {saved.Status.Step} saved to {saved.Status.Uri}", new Dictionary<string, object?>
    {
        ["step"] = saved.Status.Step,
        ["uri"] = saved.Status.Uri,
        ["sha256"] = saved.Status.Sha256,
        ["seconds"] = saved.Duration.TotalSeconds,
    });

    private static Notice HeldOut(HeldOutAccuracy result) =>
        new(HeldOutEvent, $"step {result.Step}: implicit accuracy {Describe(result)} on {result.Pairs:N0} held-out pairs", new Dictionary<string, object?>
        {
            ["step"] = result.Step,
            ["pairs"] = result.Pairs,
            ["accuracy"] = result.Accuracy,
            ["lower"] = result.Lower,
            ["upper"] = result.Upper,
        });
}
