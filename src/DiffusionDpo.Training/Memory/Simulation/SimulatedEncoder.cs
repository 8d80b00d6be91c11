using DiffusionDpo.Models.Autoencoders;

namespace DiffusionDpo.Training.Memory.Simulation;

/// <summary>The encoding pass of <see cref="AutoencoderKL"/>, operator by operator.</summary>
/// <param name="config">The network.</param>
/// <param name="layers">Its layers, frozen.</param>
internal sealed class SimulatedEncoder(AutoencoderConfig config, SimulatedLayers layers)
{
    private StepMemory Memory => layers.Memory;

    /// <summary>Encodes.</summary>
    /// <param name="resolution">Height and width of the images.</param>
    public SimulatedTensor Encode(long resolution) => Memory.InScope(() =>
    {
        long positions = resolution * resolution;
        SimulatedTensor hidden = layers.Convolution("", Memory.Input(positions, config.InChannels), config.BlockOutChannels[0], 3, positions);
        for (int level = 0; level < config.BlockOutChannels.Count; level++) hidden = Block(level, hidden);
        SimulatedResnet resnet = new(layers, config.NormNumGroups);
        hidden = Memory.InScope(() => resnet.Run("", Attended(resnet.Run("", hidden, null, hidden.Channels)), null, hidden.Channels));
        return layers.Convolution("", layers.Activation(layers.Norm(hidden, config.NormNumGroups)), 2 * config.LatentChannels, 3, hidden.Positions);
    });

    private SimulatedTensor Block(int level, SimulatedTensor input) => Memory.InScope(() =>
    {
        long channels = config.BlockOutChannels[level];
        SimulatedTensor hidden = input;
        for (int layer = 0; layer < config.LayersPerBlock; layer++) hidden = new SimulatedResnet(layers, config.NormNumGroups).Run("", hidden, null, channels);
        if (level == config.BlockOutChannels.Count - 1) return hidden;
        SimulatedTensor padded = layers.Resized(hidden, hidden.Positions);
        return layers.Convolution("", padded, channels, 3, hidden.Positions / 4);
    });

    private SimulatedTensor Attended(SimulatedTensor input) => Memory.InScope(() =>
    {
        SimulatedTensor pixels = layers.Reordered(layers.Norm(input, config.NormNumGroups));
        SimulatedTensor attended = layers.Attention(layers.Linear("", pixels, pixels.Channels), layers.Linear("", pixels, pixels.Channels), layers.Linear("", pixels, pixels.Channels), 1);
        return Memory.Add(layers.Reordered(layers.Linear("", attended, attended.Channels)), input);
    });
}
