using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.HeldOut;

/// <summary>Measures implicit accuracy on held-out pairs. All draws are fixed by the seed, so measurements of one run differ by the policy alone.</summary>
public sealed class HeldOutMeasurement
{
    /// <summary>The held-out pairs.</summary>
    public required PairManifest Manifest { get; init; }

    /// <summary>Where their bytes are.</summary>
    public required Stores Stores { get; init; }

    /// <summary>How they are read.</summary>
    public required PairLoaderSettings Loading { get; init; }

    /// <summary>How many pairs and timesteps are measured.</summary>
    public required EvaluationOptions Options { get; init; }

    /// <summary>Pairs per forward pass.</summary>
    public required int MicroBatch { get; init; }

    /// <summary>Makes the batches.</summary>
    public required PairEncoder Encoder { get; init; }

    /// <summary>Measures a policy.</summary>
    /// <param name="step">The training step that owns policy, reference and objective; nothing of it changes.</param>
    /// <param name="stop">Ends it between two batches.</param>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    /// <exception cref="RunException">Data error: no pair can be read.</exception>
    public HeldOutAccuracy Measure(TrainingStep step, CancellationToken stop)
    {
        using IDisposable noGradient = no_grad();
        using PairLoader loader = PairLoader.HeldOut(Manifest, Stores, Loading);
        int total = Math.Min(Manifest.Pairs, Options.HeldOutPairs);
        var perPair = new List<double>(total);
        for (int done = 0; done < total; done += MicroBatch)
        {
            stop.ThrowIfCancellationRequested();
            PreferencePair[] pairs = [.. Enumerable.Range(0, Math.Min(MicroBatch, total - done)).Select(_ => loader.Next(stop))];
            perPair.AddRange(Agreement(step, pairs));
        }

        if (perPair.Count == 0)
            throw new RunException(ExitClass.DataError, $"none of the first {total} pairs of data.heldOut can be read; give held-out shards whose images decode");
        return HeldOutAccuracy.Of(step.Optimizer.Steps, perPair, Loading.Seed);
    }

    /// <summary>The share of agreement of each pair that could be read.</summary>
    private double[] Agreement(TrainingStep step, PreferencePair[] pairs)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] agreements =
        [
            .. Encoder.ForMeasurement(pairs, Options.TimestepsPerPair).Select(batch =>
                step.Objective.Evaluate(DenoisingErrors.Of(step.Policy, batch), step.Reference.Errors(batch), batch.Weights).Agreements!),
        ];
        double[] mean = [.. stack(agreements).@double().mean([0]).cpu().data<double>()];
        return [.. mean.Where((_, i) => pairs[i].Weight > 0)];
    }
}
