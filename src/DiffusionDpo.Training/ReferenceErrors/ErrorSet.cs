using System.Runtime.InteropServices;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Training.Batches;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.ReferenceErrors;

/// <summary>The reference's errors on the visits of training, or on those of measurements: what is known, what is new, and where both are kept.</summary>
/// <param name="place">Where they are kept.</param>
/// <param name="known">What is known.</param>
internal sealed class ErrorSet(ErrorPlace place, VisitErrors known)
{
    private readonly List<(PairVisits Visits, Tensor Errors)> computed = []; // where they were computed: reading them sooner would make the device wait
    private readonly List<ReferenceError> unsaved = [];

    /// <summary>Where they are kept.</summary>
    public ErrorPlace Place => place;

    /// <summary>What is known.</summary>
    public VisitErrors Known => known;

    /// <summary>Visits whose errors were known.</summary>
    public long Reused { get; private set; }

    /// <summary>Visits whose errors were not.</summary>
    public long Computed { get; private set; }

    /// <summary>[2n] float32 on the CPU; null where an error is not known.</summary>
    /// <param name="visits">n visits.</param>
    public Tensor? Find(PairVisits visits)
    {
        if (known.Find(visits) is not { } values) return null;
        Reused += visits.Numbers.Count;
        return tensor(values);
    }

    /// <summary>Keeps errors; the tensor stays the caller's.</summary>
    /// <param name="visits">n visits.</param>
    /// <param name="errors">[2n] float32.</param>
    public void Add(PairVisits visits, Tensor errors)
    {
        Computed += visits.Numbers.Count;
        computed.Add((visits, errors.detach().alias().DetachFromDisposeScope()));
    }

    /// <summary>Brings what was computed to the host. Called where the device is waited for anyway.</summary>
    public void Collect()
    {
        foreach ((PairVisits visits, Tensor errors) in computed)
        {
            using Tensor host = errors.cpu();
            ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(host.bytes);
            for (int i = 0; i < visits.Numbers.Count; i++) Take(new(visits.Numbers[i], values[i], values[visits.Numbers.Count + i]));
            errors.Dispose();
        }

        computed.Clear();
    }

    /// <summary>Writes what is new. What cannot be written is kept for the next time.</summary>
    /// <exception cref="RunException">Storage failed.</exception>
    public void Save()
    {
        Collect();
        if (unsaved.Count == 0) return;
        place.Write(unsaved);
        unsaved.Clear();
    }

    private void Take(ReferenceError error)
    {
        known.Set(error);
        unsaved.Add(error);
    }
}
