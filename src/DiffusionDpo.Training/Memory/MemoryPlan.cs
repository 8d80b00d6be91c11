using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Training.Memory;

/// <summary>
/// The memory of a run by its use, estimated before anything is loaded; bytes. What is there all the time is added up; what a step takes
/// besides comes and goes.
/// </summary>
public sealed record MemoryPlan
{
    /// <summary>What the backward pass computes a second time: nothing, or the layers of blocks.</summary>
    public required GradientCheckpointing Checkpointing { get; init; }

    /// <summary>The program with its libraries, and what it has read and written by the first step.</summary>
    public required long Program { get; init; }

    /// <summary>Text encoders and autoencoder, as far as they are used.</summary>
    public required long FrozenParts { get; init; }

    /// <summary>The base UNet beside adapters; 0 in a full fine-tune.</summary>
    public required long BaseUNet { get; init; }

    /// <summary>The trained weights as they are changed, in float32.</summary>
    public required long MasterWeights { get; init; }

    /// <summary>Their rounded copy that the network computes with; 0 in float32.</summary>
    public required long NetworkWeights { get; init; }

    /// <summary>Gradients, of the network and their sum over micro-batches.</summary>
    public required long Gradients { get; init; }

    /// <summary>What the optimizer remembers.</summary>
    public required long OptimizerState { get; init; }

    /// <summary>The average of the weights; 0 where none is kept.</summary>
    public required long Average { get; init; }

    /// <summary>The network that the policy is compared with; 0 where there is none of its own.</summary>
    public required long Reference { get; init; }

    /// <summary>Decoded pairs that wait for their step.</summary>
    public required long Pairs { get; init; }

    /// <summary>What the policy's forward pass leaves for its gradient.</summary>
    public required long Activations { get; init; }

    /// <summary>The policy's forward pass, the reference's and the backward pass, whichever takes most besides <see cref="Activations"/>.</summary>
    public required long Passes { get; init; }

    /// <summary>Encoding of a micro-batch's images, before there are activations.</summary>
    public required long Encoding { get; init; }

    /// <summary>What the optimizer's update takes besides its state, after the activations.</summary>
    public required long Update { get; init; }

    /// <summary>Loading, before there are gradients: networks, and pages of the files that they come from, which the system takes back where it needs them.</summary>
    public required long Loading { get; init; }

    /// <summary>The stage Prepare: program, encoders, one image on its way through them; 0 where there is no such stage.</summary>
    public long Preparing { get; init; }

    /// <summary>What is there from the first step to the last.</summary>
    public long Lasting => Program + FrozenParts + BaseUNet + MasterWeights + NetworkWeights + Gradients + OptimizerState + Average + Reference + Pairs;

    /// <summary>
    /// Whether what encoding leaves free serves the passes. The C library's heap is in pieces by then, for the most part too small: measured, docs/benchmarks.md.
    /// </summary>
    public required bool ReusesMemory { get; init; }

    /// <summary>The phases of a step.</summary>
    public long Step => ReusesMemory ? Math.Max(Activations + Passes, Math.Max(Encoding, Update)) : Math.Max(Activations + Passes, Update) + Encoding;

    /// <summary>What training cannot do without: the system cannot take any of it back.</summary>
    public long Needed => Math.Max(Lasting + Step, Preparing);

    /// <summary>The most that is resident.</summary>
    public long Total => Math.Max(Needed, Loading);

    /// <summary>The plan of a run that knows all errors of its reference and loads none.</summary>
    public MemoryPlan WithoutReference() => this with { Reference = 0, Loading = Math.Max(0, Loading - Reference) };
}
