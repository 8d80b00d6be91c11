using System.Text;
using System.Text.Json;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Training.Memory;

namespace DiffusionDpo.Cli.DryRuns;

/// <summary>A plan as text for a terminal.</summary>
/// <param name="facts">The plan.</param>
/// <param name="width">Characters of a line.</param>
/// <param name="colours">Of headings and verdicts.</param>
internal sealed class DryRunPage(PlanFacts facts, int width, Colours colours)
{
    private const int Left = 13;

    private readonly StringBuilder _page = new();

    /// <summary>Writes it.</summary>
    public string Render()
    {
        Row("Plan", $"{facts.Name}: {string.Join(", then ", facts.Stages.Select(stage => $"{stage}".ToLowerInvariant()))}; preset {Name(facts.Options.Preset)}");
        Model();
        Data();
        Training();
        Row("Output", $"{facts.Output.Directory}{State()}");
        if (facts.Disk is { } disk) Disk(disk);
        if (facts.Memory is { } memory) Memory(memory);
        if (facts.Output.State != "finished") Time(facts.Time);
        return _page.ToString();
    }

    /// <summary>The last line.</summary>
    public string Verdict() => facts switch
    {
        { CanStart: false } => colours.Bad($"This run cannot start; it would exit {facts.ExitCode}."),
        { Output.State: "finished" } => colours.Good("This run is finished: nothing is left to do."),
        { Warnings.Count: > 0 } => colours.Doubtful("This run can start, but see the warnings. Nothing was written."),
        _ => colours.Good("This run can start. Nothing was written."),
    };

    private void Model()
    {
        if (facts.Model is not { } model) return;
        Row("Model", $"{Name(facts.Options.Model.Family)}, {model.Source}");
        AdapterOptions adapter = facts.Options.Adapter;
        Row("", adapter.Type == AdapterType.Lora
            ? $"{Count(model.Trained)} parameters are trained (LoRA of rank {adapter.Rank} at {string.Join(", ", adapter.Targets)}), {Count(model.Frozen)} are frozen (UNet, autoencoder, text encoder)"
            : $"{Count(model.Trained)} parameters are trained (UNet), {Count(model.Frozen)} are frozen (autoencoder, text encoder)");
    }

    private void Data()
    {
        if (facts.Data is { } data) Row("Data", Describe(data, "to train on"));
        if (facts.HeldOut is { } held) Row("", $"{Describe(held, "held out")}; {Math.Min(held.Pairs, facts.Options.Evaluation.HeldOutPairs):N0} are measured");
    }

    private void Training()
    {
        RunFile file = facts.Options;
        ScheduleFacts schedule = facts.Schedule;
        Row("Objective", $"{ObjectiveText.Of(file)}; {file.Data.Resolution} pixels");
        Row("Optimizer", $"{Name(file.Optimizer.Type!.Value)}, learning rate {file.Optimizer.LearningRate:G4} after {Counted(file.Optimizer.WarmupSteps!.Value, "step")} of warm-up, clipping at {file.Optimizer.MaxGradNorm:G4}");
        string epochs = schedule.Epochs is { } passes ? $", {(passes < 100 ? $"{passes:G3}" : $"{passes:N0}")} epochs" : "";
        Row("Steps", $"{schedule.Steps:N0}{(schedule.StepsLeft < schedule.Steps ? $" ({schedule.StepsLeft:N0} left)" : "")}{epochs}; {Name(file.Training.Precision!.Value)}");
        Row("Batch", $"{schedule.GlobalBatch:N0} pairs per step = {schedule.MicroBatch:N0} (micro-batch) x {schedule.Accumulation:N0} (accumulation) x {schedule.World} (process)");
    }

    private string State() => facts.Output switch
    {
        { State: "finished" } => " (finished)",
        { State: "resumes" } output => $" (resumes at step {output.Step} from {output.Checkpoint})",
        { State: "new" } => " (new)",
        _ => "",
    };

    private void Disk(DiskFacts disk)
    {
        Row("Checkpoints", $"{disk.Checkpoints:N0} to write, the last {disk.Kept:N0} kept, {ByteCount.Of(disk.CheckpointBytes)} each; exported model {ByteCount.Of(disk.ModelBytes)}");
        string cache = disk.CacheBytes > 0 ? $", of it {ByteCount.Of(disk.CacheBytes)} at most for prepared images and prompts" : "";
        Row("Disk", $"{ByteCount.Of(disk.NeededBytes)} needed{cache}, {(disk.FreeBytes is { } free ? ByteCount.Of(free) : "unknown")} free");
    }

    private void Memory(MemoryFacts memory)
    {
        string[] lines = [.. MemoryTable.Lines(memory.Plan, memory.Available)];
        Row("Memory", lines[0]);
        foreach (string line in lines.Skip(1)) Row("", line);
        if (memory.MeasuredPeak is { } peak) Row("", $"measured peak of the trial: {ByteCount.Of(peak)}");
    }

    private void Time(TimeFacts time)
    {
        if (time is not { SecondsPerStep: { } step, TotalSeconds: { } total })
        {
            Row("Time", time.Basis);
            return;
        }

        Row("Time", $"about {StepLine.Duration(TimeSpan.FromSeconds(Math.Ceiling(total)))}, {step:G3} s per step");
        Row("", $"basis: {time.Basis}");
    }

    private void Row(string label, string text)
    {
        foreach ((int index, string line) in TextWidth.Wrap(text, width - Left).Index())
            _page.Append(colours.Strong((index == 0 ? label : "").PadRight(Left))).AppendLine(line);
    }

    private static string Describe(DataFacts data, string what) =>
        $"{Counted(data.Pairs, "pair")} {what}, from {Counted(data.Rows, "row")} in {Counted(data.Shards, "shard")} ({Counted(data.Ties, "tie")}, {data.Unlabelled:N0} unlabelled, {data.Bad:N0} bad)";

    private static string Counted(long number, string what) => $"{number:N0} {what}{(number == 1 ? "" : "s")}";

    private static string Count(long parameters) => parameters switch
    {
        < 1_000_000 => $"{parameters:N0}",
        < 1_000_000_000 => $"{parameters / 1e6:F1} million",
        _ => $"{parameters / 1e9:F2} billion",
    };

    // As YAML writes them.
    private static string Name<T>(T value)
        where T : struct, Enum => JsonSerializer.Serialize(value).Trim('"');
}
