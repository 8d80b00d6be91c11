using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.ReferenceErrors;

/// <summary>Errors that are known, and for all others a network's, which are known from then on.</summary>
internal sealed class CachedReference : IReference, IDisposable
{
    // A logit's budget is 1e-3 for all that rounds; ten times that moves a loss by 0.005 at most.
    private const double MostDrift = 0.01;

    private readonly HashSet<bool> compared = []; // whether of held-out visits
    private Scalar? scale;

    /// <summary>What is known.</summary>
    public required ReferenceErrorCache Cache { get; init; }

    /// <summary>The reference; null where all is known.</summary>
    public required IReference? Network { get; init; }

    /// <summary>Gives the errors as they are here, with which the first known ones are compared; null: they are trusted.</summary>
    public required IReference? Witness { get; init; }

    /// <summary>β of the objective.</summary>
    public required double Beta { get; init; }

    /// <inheritdoc/>
    /// <exception cref="RunException">Data error: the first known errors move a logit by more than 0.01.</exception>
    public Tensor? Errors(DenoisingBatch batch)
    {
        ErrorSet set = Cache.Of(batch.Visits!);
        if (set.Find(batch.Visits!) is { } known)
        {
            Tensor errors = known.BroughtTo(batch.Weights.device);
            if (Witness is not null && compared.Add(batch.Visits!.AreHeldOut)) RefuseDrift(Witness.Errors(batch)!, errors, set);
            return errors;
        }

        Tensor computed = Network!.Errors(batch)!;
        set.Add(batch.Visits!, computed);
        return computed;
    }

    /// <inheritdoc/>
    public void Dispose() => scale?.Dispose();

    private void RefuseDrift(Tensor now, Tensor kept, ErrorSet set)
    {
        using Tensor logits = Comparison.Of(now, kept, scale ??= Comparison.Scale(Beta)).Logits;
        double drift = logits.abs().max().ToDouble();
        Cache.Report(drift);
        if (drift <= MostDrift) return;
        throw new RunException(
            ExitClass.DataError,
            $"{set.Place.Uri} holds errors of the reference that are not those of this machine: a logit differs by {drift:G3}, and {MostDrift} is allowed; remove that directory, or set training.referenceCache to false");
    }
}
