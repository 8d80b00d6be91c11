using System.Text.Json.Nodes;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Checkpoints;
using DiffusionDpo.Training.HeldOut;
using DiffusionDpo.Training.Memory;
using DiffusionDpo.Training.ReferenceErrors;
using DiffusionDpo.Training.Steps;

namespace DiffusionDpo.Training.Runs;

/// <summary>The Train stage of a run: from its last checkpoint, or the base model, to its last step.</summary>
public sealed class TrainingRun : IDisposable
{
    private readonly RunFile file;
    private readonly TrainingHost host;
    private readonly PairStores stores;
    private readonly RunData data;
    private readonly PairManifest manifest;
    private readonly string baseHash; // of the base UNet's weights as they are stored
    private readonly Checkpoint? resumed;
    private readonly TrainingModel model;
    private readonly PairEncoder encoder;
    private readonly RunPlaces places;
    private readonly HeldOutMeasurement? heldOut;
    private readonly ReferenceErrorCache? references;
    private readonly Throughput throughput = new();
    private CheckpointStatus? lastCheckpoint;
    private int lastSaved = -1;
    private bool hasSeenPair;

    private TrainingRun(RunFile file, TrainingHost host, CancellationToken stop)
    {
        UnsupportedOptions.Refuse(file);
        places = PlacesOf(file, host);
        AdapterTargets.Refuse(file, places.Model);
        this.file = file;
        this.host = host;
        stores = new(file);
        data = RunData.Open(file, places, stores.Stores, stop);
        foreach (BadShard bad in data.Pairs.BadShards.Concat(data.HeldOut?.BadShards ?? [])) host.OnEvent(new BadShardSkipped(bad));
        RunFile? planned = file.Training.ReferenceCache ? null : PlanMemory(hasReference: true); // else it is not known yet whether there will be one
        manifest = TrainingPairs.Label(file, data.Pairs, places.Scorer, host, stop);
        baseHash = HashOf(places.Model);
        resumed = FindCheckpoint(file, manifest.Hash, host, stop);
        RefuseAnotherBase();
        if (file.Training.ReferenceCache)
        {
            ReferenceParts parts = new(places.Model, baseHash, manifest.Hash, data.Cache!.ContentKey);
            references = ReferenceErrorCache.Open(file, data, parts, resumed?.Manifest.Position.Cursor ?? 0, stores.Stores, host.OnEvent, stop);
        }

        model = TrainingModel.Load(planned ?? PlanMemory(hasReference: references?.IsComplete != true), places.Model, host.Time, references is null ? null : (references, IsBase: resumed is null));
        bool withLosers = model.Step.Objective.LooksAtLosers;
        encoder = PairEncoder.Of(model.Base, file.Training, withLosers);
        heldOut = data.HeldOut is not { } held || !withLosers ? null : new()
        {
            Manifest = held, Stores = stores.Stores, Loading = Loading() with { Cache = data.HeldOutCache }, Options = file.Evaluation, MicroBatch = file.Training.MicroBatch, Encoder = encoder,
        };
    }

    // Before it has met a sound pair there is nothing to go on from.
    private bool HasLearned => resumed is not null || hasSeenPair;

    private int Done => model.Optimizer.Steps;

    private int Total => file.Training.Steps!.Value;

    private long Cursor => (long)Done * file.Training.GlobalBatch!.Value;

    private TrainingPosition Position => new(Done, Cursor, Cursor / manifest.Pairs, file.Training.Seed);

    /// <summary>Trains to the end, on a thread of its own.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="host">Clock and listener.</param>
    /// <param name="stop">A stop discards the unfinished step and saves the last completed one.</param>
    /// <exception cref="RunException">
    /// Preempted, saved: stopped. Diverged: loss or gradient is not finite. Configuration error: options that this version does not support, or a
    /// directory of another run, or too little memory by the run's plan. Data, input, storage and checkpoint failures by their own classes.
    /// </exception>
    public static TrainingResult Execute(RunFile file, TrainingHost host, CancellationToken stop) => DedicatedThread.Run("training", () =>
    {
        try
        {
            using var run = new TrainingRun(file, host, stop);
            return run.Train(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new RunException(ExitClass.PreemptedSaved, "stopped before training began; start the same run again to go on");
        }
        finally
        {
            HostAllocator.GiveBackFreedMemory();
        }
    });

    /// <summary>The checkpoint that a run would go on from; null: it begins at the base model.</summary>
    /// <param name="file">Its run file.</param>
    /// <param name="dataHash">The hash of its list of pairs.</param>
    /// <param name="host">Which checkpoints are wanted, and the clock.</param>
    /// <param name="stop">Ends the wait where it has to be fetched.</param>
    /// <exception cref="RunException">Checkpoint corrupt. Configuration error: it belongs to another run. Data error: it was trained on other pairs.</exception>
    public static Checkpoint? FindCheckpoint(RunFile file, string dataHash, TrainingHost host, CancellationToken stop = default)
    {
        if (PlacesOf(file, host).Checkpoints.FindLatest(host.PassOverCorruptCheckpoints, host.ResumeBeforeStep, stop) is not { } found) return null;
        RunIdentity run = found.Manifest.Run;
        if (run.Fingerprint != file.Fingerprint)
            throw new RunException(ExitClass.ConfigurationError, $"{found.Uri} belongs to a run with other options; choose another output.uri, or checkpoints.uri if that is given");
        if (run.DataHash != dataHash)
            throw new RunException(ExitClass.DataError, $"{found.Uri} was trained on other pairs: data.sources has changed since; restore it, or choose another output.uri");
        return found;
    }

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();

    private TrainingResult Train(CancellationToken stop)
    {
        string? resumedFrom = Resume();
        places.Checkpoints.Begin(resumed);
        using PairLoader loader = PairLoader.Training(manifest, stores.Stores, Loading(), Cursor);
        int held = heldOut is null ? 0 : Math.Min(heldOut.Manifest.Pairs, file.Evaluation.HeldOutPairs);
        host.OnEvent(new RunStarted(Progress(null, null), manifest.Pairs, held, resumedFrom)
        {
            Rows = manifest.Rows, Ties = manifest.Ties, Unlabelled = manifest.Unlabelled, Training = model.Options,
        });
        try
        {
            HeldOutAccuracy? before = Done == 0 ? Measure(stop) : null;
            while (Done < Total) Advance(loader, stop);
            if (!HasLearned) throw NothingLearned();
            host.OnEvent(new PairsRead(loader.Reading, loader.DataWait, stores.Cache?.Figures));
            HeldOutAccuracy? after = Measure(stop);
            references?.Save();
            references?.Conclude();
            return new(Done, lastCheckpoint, before, after);
        }
        catch (OperationCanceledException)
        {
            bool saves = HasLearned && Done > 0;
            if (saves) Save();
            references?.Save();
            string first = Done > 0 ? "the first step with a sound pair" : "the first step";
            string saved = saves ? $"stopped; step {Done} of {Total} is saved" : $"stopped before {first}; nothing was to be saved";
            throw new RunException(ExitClass.PreemptedSaved, $"{saved}; start the same run again to go on");
        }
    }

    private RunException NothingLearned() => new(
        ExitClass.DataError, $"data.sources: every pair of the {Cursor} that were visited is bad, so that nothing was learned; mend the shards, or give others (what is wrong with each stands in the log)");

    private void Advance(PairLoader loader, CancellationToken stop)
    {
        StepReport report = model.Step.Run(() => NextBatch(loader, stop), stop);
        host.OnEvent(new StepCompleted(report, Progress(report, throughput.Add(report.Pairs, report.Duration))));
        references?.Collect();
        if (stores.TakeTrouble() is { } reason) host.OnEvent(new DiskCacheFailed(reason));
        if (HasLearned && (Done % file.Checkpoints.EverySteps == 0 || Done == Total)) Save();
        if (file.Evaluation.HeldOutEverySteps is > 0 and var every && Done % every == 0 && Done < Total) Measure(stop);
    }

    private DenoisingBatch NextBatch(PairLoader loader, CancellationToken stop)
    {
        var pairs = new PreferencePair[file.Training.MicroBatch];
        for (int i = 0; i < pairs.Length; i++) pairs[i] = loader.Next(stop);
        hasSeenPair |= pairs.Any(pair => pair.Weight > 0);
        model.Step.Clock.Enter(StepPhase.Encode);
        return encoder.ForTraining(pairs);
    }

    private HeldOutAccuracy? Measure(CancellationToken stop)
    {
        HeldOutAccuracy? result = heldOut?.Measure(model.Step, stop);
        references?.Collect();
        if (result is not null) host.OnEvent(new HeldOutMeasured(result));
        return result;
    }

    private string? Resume()
    {
        if (resumed is null) return null;
        resumed.Restore(model.State);
        resumed.RefuseUnlessAt(Position);
        lastSaved = Done;
        return resumed.Uri;
    }

    private void RefuseAnotherBase()
    {
        if (resumed?.Manifest.Run.BaseHash is not { } hash || hash == baseHash) return;
        throw new RunException(
            ExitClass.ConfigurationError,
            $"{resumed.Uri} was trained on another base model than {file.Model.Source} is now: the hash of its unet was {hash} and is {baseHash}; restore that, or choose another output.uri");
    }

    private static RunPlaces PlacesOf(RunFile file, TrainingHost host) => host.Places ?? RunPlaces.OnThisMachine(file, host.Time);

    private static string HashOf(string model)
    {
        using Weights weights = ModelDirectory.Open(model).OpenWeights("unet");
        return WeightsHash.Of(weights);
    }

    private void Save()
    {
        if (lastSaved == Done) return;
        long started = host.Time.GetTimestamp();
        lastCheckpoint = places.Checkpoints.Save(Position, new(file.Fingerprint, manifest.Hash, JsonNode.Parse(file.ToJson())!) { BaseHash = baseHash }, model.State);
        lastSaved = Done;
        host.OnEvent(new CheckpointSaved(lastCheckpoint, host.Time.GetElapsedTime(started)));
        references?.Save();
    }

    private RunFile PlanMemory(bool hasReference)
    {
        MemoryVerdict memory = MemoryVerdict.Of(file, places.Model, host.AvailableMemory, hasReference);
        host.OnEvent(new MemoryPlanned(memory));
        if (!host.IgnoresMemoryPlan) memory.RefuseIfTooMuch();
        return memory.File;
    }

    private TrainingProgress Progress(StepReport? report, double? pairsPerSecond) => new()
    {
        Step = Done,
        TotalSteps = Total,
        Loss = report?.Loss,
        ImplicitAccuracy = report is null || double.IsNaN(report.ImplicitAccuracy) ? null : report.ImplicitAccuracy,
        PairsPerSecond = pairsPerSecond,
        EtaSeconds = (Total - Done) * (double)file.Training.GlobalBatch!.Value / pairsPerSecond,
        UpdatedAt = host.Time.GetUtcNow(),
    };

    private PairLoaderSettings Loading() => new()
    {
        Data = file.Data,
        Seed = file.Training.Seed,
        Threads = host.LoaderThreads,
        Cache = data.Cache,
        OnBadRow = row => host.OnEvent(new BadRowSkipped(row)),
        Time = host.Time,
    };
}
