using DiffusionDpo.Data.Preparation;
using DiffusionDpo.Training.Memory;

namespace DiffusionDpo.Cli.Display;

/// <summary>Says what happens in preparation in words and fields; progress every few seconds.</summary>
/// <param name="display">Where.</param>
/// <param name="time">The clock of the thinning.</param>
/// <param name="visits">Visits to pairs that the run will make; null: what is prepared is needed for more than them.</param>
internal sealed class PreparationNotices(IRunDisplay display, TimeProvider time, long? visits)
{
    /// <summary>The event of a <see cref="PreparationDone"/>.</summary>
    public const string DoneEvent = "prepared";

    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(5);

    private long? _shown;

    /// <summary>Shows an event.</summary>
    /// <param name="happened">What happened.</param>
    public void Show(PreparationEvent happened)
    {
        switch (happened)
        {
            case PreparationStarted started: display.Show(Started(started)); break;
            case PreparationProgress progress when IsTime(progress.Done == progress.Total): display.Show(Progress(progress)); break;
            case PreparationWaiting waiting when IsTime(false): display.Show(Waiting(waiting)); break;
            case PreparationScored scored: display.Show(FeedbackNotices.Of(scored.Progress)); break;
            case PreparationDone done: display.Show(Done(done)); break;
        }
    }

    private Notice Started(PreparationStarted started)
    {
        string share = started.Workers == 1 ? "" : $"; worker {started.Worker} of {started.Workers}";
        string waste = !started.IsHeldOut && visits < started.Pairs ? $"; the run will make {visits:N0} visits to pairs only: data.cache: none would encode less" : "";
        return new("prepare", $"{started.Pairs:N0} pairs in {started.Shards:N0} {(started.Shards == 1 ? "shard" : "shards")}, to {started.Place}{share}{waste}", new Dictionary<string, object?>
        {
            ["place"] = started.Place,
            ["shards"] = started.Shards,
            ["pairs"] = started.Pairs,
            ["worker"] = started.Worker,
            ["workers"] = started.Workers,
        });
    }

    private static Notice Progress(PreparationProgress progress)
    {
        string rest = progress.Remaining is { } left && progress.Done < progress.Total ? $", {StepLine.Duration(left)} left" : "";
        return new("preparing", $"{progress.Work}: {progress.Done:N0} of {progress.Total:N0}, {progress.PerSecond:F1}/s{rest}", new Dictionary<string, object?>
        {
            ["work"] = progress.Work,
            ["done"] = progress.Done,
            ["total"] = progress.Total,
            ["perSecond"] = progress.PerSecond,
            ["etaSeconds"] = progress.Remaining?.TotalSeconds,
        });
    }

    private static Notice Waiting(PreparationWaiting waiting) =>
        new("waiting", $"waiting for {waiting.Missing:N0} {waiting.For} by other workers; the first: {waiting.First}", new Dictionary<string, object?>
        {
            ["for"] = waiting.For,
            ["missing"] = waiting.Missing,
            ["first"] = waiting.First,
        });

    private static Notice Done(PreparationDone done)
    {
        PreparationFigures figures = done.Figures;
        string all = done.Facts is { } facts
            ? $"; {facts.Images:N0} different images and {facts.Prompts:N0} prompts of {facts.Pairs:N0} pairs, {facts.BadRows.Count:N0} bad rows, {ByteCount.Of(facts.CacheBytes)}"
            : "";
        string work = figures.Images + figures.Prompts + figures.Reused == 0 ? "nothing to do" : $"{figures.Images:N0} images and {figures.Prompts:N0} prompts encoded, {figures.Reused:N0} objects re-used";
        return new(DoneEvent, $"prepared in {done.Place}: {work}{all}", new Dictionary<string, object?>
        {
            ["place"] = done.Place,
            ["images"] = figures.Images,
            ["prompts"] = figures.Prompts,
            ["reused"] = figures.Reused,
            ["seconds"] = figures.Total.TotalSeconds,
            ["encodingSeconds"] = figures.Encoding.TotalSeconds,
            ["autoencoderSeconds"] = figures.InAutoencoder.TotalSeconds,
            ["textEncoderSeconds"] = figures.InTextEncoders.TotalSeconds,
            ["facts"] = done.Facts,
        });
    }

    private bool IsTime(bool always)
    {
        if (!always && _shown is { } shown && time.GetElapsedTime(shown) < s_between) return false;
        _shown = time.GetTimestamp();
        return true;
    }
}
