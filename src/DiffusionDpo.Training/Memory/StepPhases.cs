using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Training.Memory.Simulation;
using DiffusionDpo.Training.Objectives;

namespace DiffusionDpo.Training.Memory;

/// <summary>What the phases of a micro-batch take, from a simulation of their operators; bytes.</summary>
/// <param name="Encoding">The encoding of an image at its peak: they are encoded one by one.</param>
/// <param name="Activations">What the policy's forward pass leaves.</param>
/// <param name="Passes">What the passes need besides at their peak.</param>
internal sealed record StepPhases(long Encoding, long Activations, long Passes)
{
    private const int Tokens = 77;

    /// <summary>Whether a run computes activations again.</summary>
    /// <param name="file">The run file.</param>
    public static bool Recomputes(RunFile file) => file.Training.GradientCheckpointing == GradientCheckpointing.Blocks;

    /// <summary>Simulates a micro-batch.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="model">Its model.</param>
    /// <param name="images">Images in a micro-batch.</param>
    /// <param name="format">Bytes of a number in the networks' format.</param>
    public static StepPhases Of(RunFile file, ModelOutline model, int images, int format)
    {
        int resolution = file.Data.Resolution!.Value, side = resolution >> (model.Autoencoder.BlockOutChannels.Count - 1);
        StepMemory encoding = new(1, format);
        _ = new SimulatedEncoder(model.Autoencoder, new(encoding, TrainedParts.Nothing)).Encode(resolution);

        StepMemory memory = new(images, format);
        SimulatedTensor sample = memory.Input((long)side * side, model.UNet.InChannels), text = memory.Input(Tokens, model.UNet.CrossAttentionDim[0]);
        ISimulatedTape tape = Recomputes(file) ? new RecomputingTape(memory) : new DirectTape(memory);
        SimulatedLayers layers = new(memory, TrainedParts.Of(file.Adapter));
        SimulatedTensor prediction = memory.Recording(true, () => new SimulatedUNet(model.UNet, layers, tape).Predict(side, sample, text));
        long kept = memory.Live;
        if (ObjectiveList.For(file.Training.Objective).ComparesWithReference)
        {
            SimulatedLayers frozen = new(memory, TrainedParts.Nothing);
            memory.InScope(() => new SimulatedUNet(model.UNet, frozen, new DirectTape(memory)).Predict(side, sample, text));
        }

        tape.Backward(prediction);
        return new(encoding.Peak, kept, memory.Peak - kept);
    }
}
