using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Steps;
using TorchSharp;

namespace DiffusionDpo.Training.Runs;

/// <summary>What a run's step takes, tried on its own model and pairs: nothing is written, the weights are forgotten.</summary>
public sealed record StepTrial
{
    private const int Batches = 2; // the first has costs of its own: kernels are chosen, memory is asked for

    /// <summary>Time of a micro-batch: pairs, encoding, both networks, gradients.</summary>
    public required TimeSpan MicroBatch { get; init; }

    /// <summary>Of it, the forward passes that a held-out measurement makes as well.</summary>
    public required TimeSpan ForwardPasses { get; init; }

    /// <summary>Time of the optimizer's update.</summary>
    public required TimeSpan Update { get; init; }

    /// <summary>Trains on two micro-batches and times the second.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="source">The base model's directory.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">Ends the trial between two micro-batches.</param>
    /// <exception cref="Api.Failures.RunException">What a run would fail with in its first step.</exception>
    public static StepTrial Of(RunFile file, string source, TimeProvider time, CancellationToken stop) => DedicatedThread.Run("trial", () =>
    {
        UnsupportedOptions.Refuse(file);
        AdapterTargets.Refuse(file, source);
        // What is not prepared yet cannot be tried: pairs are encoded, which a run with prepared pairs will not do.
        RunFile small = file with { Training = file.Training with { GlobalBatch = file.Training.MicroBatch }, Data = file.Data with { Cache = DataCache.None } };
        Stores stores = Stores.Of(file.Storage);
        PairManifest manifest = PairManifest.Scan(stores, file.Data.Sources, file.Data.BadShards, stop);
        using TrainingModel model = TrainingModel.Load(small, source, time);
        if (model.Base.Device.type == DeviceType.CUDA) model.Step.Clock.Wait = () => torch.cuda.synchronize();
        PairEncoder encoder = PairEncoder.Of(model.Base, file.Training, model.Step.Objective.LooksAtLosers);
        PairLoaderSettings loading = new() { Data = file.Data, Seed = file.Training.Seed, Time = time };
        using PairLoader loader = PairLoader.Training(manifest, stores, loading);
        StepReport[] reports = [.. Enumerable.Range(0, Batches).Select(_ => model.Step.Run(Next, stop))];
        return Read(reports[^1]);

        DenoisingBatch Next()
        {
            PreferencePair[] pairs = [.. Enumerable.Range(0, file.Training.MicroBatch).Select(_ => loader.Next(stop))];
            model.Step.Clock.Enter(StepPhase.Encode);
            return encoder.ForTraining(pairs);
        }
    });

    private static StepTrial Read(StepReport report)
    {
        TimeSpan update = report.Phases[(int)StepPhase.Optimizer];
        return new()
        {
            MicroBatch = report.Duration - update,
            ForwardPasses = report.Phases[(int)StepPhase.PolicyForward] + report.Phases[(int)StepPhase.Reference],
            Update = update,
        };
    }
}
