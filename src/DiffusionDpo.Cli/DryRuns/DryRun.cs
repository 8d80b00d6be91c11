using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Places;
using DiffusionDpo.Cli.Stages;
using DiffusionDpo.Data.Feedback;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Storage;
using DiffusionDpo.Training.Checkpoints;
using DiffusionDpo.Training.Memory;
using DiffusionDpo.Training.Runs;
using TorchSharp;

namespace DiffusionDpo.Cli.DryRuns;

/// <summary>Finds out what a run would do, in the order in which it would do it, without writing anything. What fails does not hide what comes after.</summary>
/// <param name="plan">The run.</param>
/// <param name="host">Which checkpoints are wanted, and the clock.</param>
/// <param name="measures">Load the model and time a micro-batch.</param>
internal sealed class DryRun(RunPlan plan, TrainingHost host, bool measures)
{
    private readonly RunFile _file = plan.Stages[0];
    private readonly Stores _stores = Stores.Of(plan.Stages[0].Storage);
    private readonly List<Problem> _problems = [];

    /// <summary>Finds it out.</summary>
    /// <param name="portCheck">Fails as a run would if its port cannot be had.</param>
    /// <param name="stop">Ends a trial.</param>
    public PlanFacts Look(Action portCheck, CancellationToken stop)
    {
        string? existing = Try(() => RunDirectory.Examine(_file));
        string? source = existing is null ? null : Try(() => BaseModel.PathOf(_file, display: null, stop));
        bool isFinished = existing is not null && Directory.Exists(Path.Combine(RunDirectory.PlaceOf(_file), RunDirectory.ModelName));
        if (!isFinished)
        {
            _ = Try(() => Done(portCheck));
            _ = Try(() => Done(() => UnsupportedOptions.Refuse(_file)));
        }

        LabelledPairs? labelled = Try(() => TrainingPairs.Of(_file, ScorerFiles.Of(_file, display: null, stop)));
        PairManifest? rows = Try(() => labelled?.Scan(stop)), pairs = rows is null ? null : Try(() => labelled!.Find(rows));
        PairManifest? held = _file.Data.HeldOut.Count == 0 ? null : Try(() => PairManifest.Scan(_stores, _file.Data.HeldOut, _file.Data.BadShards, stop));
        ModelFacts? model = source is null ? null : Try(() => ReadModel(source));
        Checkpoint? checkpoint = pairs is null || isFinished || existing is null ? null : Try(() => TrainingRun.FindCheckpoint(_file, pairs.Hash, host with { Places = RunDirectory.PlacesOf(_file, source ?? "", host.Time) }));
        int step = isFinished ? _file.Training.Steps!.Value : checkpoint?.Manifest.Position.Step ?? 0;
        ScheduleFacts schedule = Schedule(step, pairs);
        MemoryVerdict? verdict = model is null ? null : Try(() => Planned(source!));
        StepTrial? trial = measures && _problems.Count == 0 && !isFinished ? Try(() => Trial(verdict!.File, source!, stop)) : null;
        MemoryFacts? memory = verdict is null ? null : new(verdict.Plan, verdict.Available, trial is null || ComputeDevices.Of(_file.Training).type == DeviceType.CUDA ? null : AvailableMemory.PeakOfThisProcess());
        long prepared = ((pairs ?? rows)?.Pairs ?? 0L) + (held?.Pairs ?? 0L);
        DiskFacts? disk = model is null || existing is null ? null : DiskEstimate.Of(_file, model, verdict?.Model, prepared, step, existing);
        return new()
        {
            Name = _file.Name,
            Stages = [.. plan.Stages.Select(stage => stage.Stage)],
            Options = _file,
            Model = model,
            Data = Facts(pairs ?? rows),
            HeldOut = Facts(held),
            Schedule = schedule,
            Output = Output(existing, isFinished, checkpoint),
            Disk = isFinished ? null : disk,
            Memory = isFinished ? null : memory,
            Time = Time(schedule, held, trial),
            Warnings = isFinished ? [] : [.. Warnings(verdict, disk)],
            Problems = isFinished ? [] : _problems, // a finished run asks for nothing of it any more
        };
    }

    private static bool Done(Action action)
    {
        action();
        return true;
    }

    private T? Try<T>(Func<T?> look)
    {
        try
        {
            return look();
        }
        catch (RunException failure)
        {
            // Places that this version cannot read fail again where they are read: that is said once.
            if (!_problems.Any(problem => problem.Class == ExitClass.ConfigurationError && failure.ExitClass == ExitClass.ConfigurationError)) _problems.Add(new(failure.ExitClass, failure.Message));
            return default;
        }
    }

    private StepTrial Trial(RunFile file, string source, CancellationToken stop)
    {
        StepTrial? trial = null;
        MemoryFailure.Translate(file, () => trial = StepTrial.Of(file, source, host.Time, stop));
        return trial!;
    }

    private MemoryVerdict Planned(string source)
    {
        MemoryVerdict verdict = MemoryVerdict.Of(_file, source);
        if (!host.IgnoresMemoryPlan) _ = Try(() => Done(() => verdict.RefuseIfTooMuch()));
        return verdict;
    }

    private ModelFacts ReadModel(string source)
    {
        AdapterTargets.Refuse(_file, source);
        StableDiffusionPipeline.Examine(source, _file.Model.Family);
        ModelDirectory directory = ModelDirectory.Open(source);
        (long Parameters, long Bytes)[] frozen = [.. directory.Components.Where(IsFrozen).Select(each => Sizes(directory, each, out _))];
        (long Parameters, long Bytes) unet = Sizes(directory, "unet", out torch.ScalarType stored);

        // Everything that a run checks of it; the weights stay in their files.
        using StableDiffusionPipeline pipeline = StableDiffusionPipeline.Load(source, type: stored, wanted: _file.Model.Family);
        long frozenBytes = frozen.Sum(one => one.Bytes), frozenParameters = frozen.Sum(one => one.Parameters);
        bool hasAdapters = _file.Adapter.Type == AdapterType.Lora;
        long trained = hasAdapters ? MemoryPlanner.TrainedParameters(_file.Adapter, ModelOutline.Read(source)) : unet.Parameters;
        return new(source, trained, frozenParameters + (hasAdapters ? unet.Parameters : 0), unet.Parameters, frozenBytes, frozenBytes + (unet.Parameters * sizeof(float)));
    }

    private static bool IsFrozen(string component) => component is "vae" or "text_encoder" or "text_encoder_2";

    private static (long Parameters, long Bytes) Sizes(ModelDirectory directory, string component, out torch.ScalarType type)
    {
        using Weights weights = directory.OpenWeights(component);
        type = weights.Entries.Values.GroupBy(entry => entry.Type).OrderByDescending(group => group.Count()).Select(group => group.Key).FirstOrDefault(torch.ScalarType.Float32);
        return (weights.Entries.Values.Sum(entry => entry.Shape.Aggregate(1L, (product, size) => product * size)), weights.Entries.Values.Sum(entry => entry.Length));
    }

    private static DataFacts? Facts(PairManifest? manifest) => manifest is null
        ? null
        : new(manifest.ShardUris.Count(), manifest.Rows, manifest.Pairs, manifest.Ties, manifest.Unlabelled, manifest.BadRows.Count);

    private ScheduleFacts Schedule(int step, PairManifest? pairs)
    {
        int steps = _file.Training.Steps!.Value, batch = _file.Training.GlobalBatch!.Value, micro = _file.Training.MicroBatch;
        return new(steps, steps - step, batch, micro, batch / micro, World: 1, pairs is null ? null : (double)steps * batch / pairs.Pairs);
    }

    private OutputFacts Output(string? existing, bool isFinished, Checkpoint? checkpoint)
    {
        string state = isFinished ? "finished" : existing is null || _problems.Count > 0 ? "unknown" : checkpoint is null ? "new" : "resumes";
        return new(_file.Output.Uri, state, checkpoint?.Path, checkpoint?.Manifest.Position.Step);
    }

    private TimeFacts Time(ScheduleFacts schedule, PairManifest? held, StepTrial? trial)
    {
        if (trial is not null) return TimeEstimate.Of(_file, schedule, Math.Min(held?.Pairs ?? 0, _file.Evaluation.HeldOutPairs), trial);
        RunLog log = RunLog.Read(Path.Combine(RunDirectory.PlaceOf(_file), RunDirectory.LogName));
        return TimeEstimate.Of(schedule, log);
    }

    private IEnumerable<string> Warnings(MemoryVerdict? memory, DiskFacts? disk)
    {
        if (memory is { IsClose: true } && (host.IgnoresMemoryPlan || !memory.IsTooMuch)) yield return $"memory: {memory.Shortage()}";
        if (disk is { FreeBytes: { } free } && disk.NeededBytes > free)
            yield return $"disk: {ByteCount.Of(disk.NeededBytes)} are needed and {ByteCount.Of(free)} are free; lower checkpoints.keep, or choose another output.uri";
    }
}
