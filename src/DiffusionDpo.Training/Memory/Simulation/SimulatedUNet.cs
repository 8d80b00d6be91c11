using DiffusionDpo.Models.UNets;

namespace DiffusionDpo.Training.Memory.Simulation;

/// <summary>The forward pass of <see cref="UNet2DConditionModel"/>, operator by operator.</summary>
/// <param name="config">The network.</param>
/// <param name="layers">Its layers.</param>
/// <param name="tape">What they run on.</param>
internal sealed class SimulatedUNet(UNetConfig config, SimulatedLayers layers, ISimulatedTape tape)
{
    private const string CrossAttention = "CrossAttn";
    private const int Widening = 4;

    private StepMemory Memory => layers.Memory;

    private int Levels => config.BlockOutChannels.Count;

    private int TimeWidth => Widening * config.BlockOutChannels[0];

    /// <summary>Predicts.</summary>
    /// <param name="side">Height and width of the latents.</param>
    /// <param name="sample">The latents; live as long as the tape.</param>
    /// <param name="text">States of the prompt; live as long as the tape.</param>
    public SimulatedTensor Predict(long side, SimulatedTensor sample, SimulatedTensor text) => Memory.InScope(() =>
    {
        long[] positions = Positions(side);
        SimulatedTensor time = tape.Run(_ => Embed());
        SimulatedTensor hidden = tape.Run(_ => layers.Convolution("conv_in", sample, config.BlockOutChannels[0], 3, positions[0]));
        Stack<SimulatedTensor> kept = new([hidden]);
        for (int level = 0; level < Levels; level++) hidden = Down(level, hidden, time, text, positions, kept);
        hidden = Middle(hidden, time, text);
        for (int level = Levels - 1; level >= 0; level--) hidden = Up(level, hidden, time, text, positions, kept);
        return tape.Run(x => Memory.InScope(() =>
            layers.Convolution("conv_out", layers.Activation(layers.Norm(x[0], config.NormNumGroups)), config.OutChannels, 3, positions[0])), hidden);
    });

    private long[] Positions(long side)
    {
        long[] result = new long[Levels];
        for (int level = 0; level < Levels; level++, side = (side + 1) / 2) result[level] = side * side;
        return result;
    }

    private SimulatedTensor Embed() => Memory.InScope(() =>
    {
        SimulatedTensor time = Embedding("time_embedding", Memory.Input(1, config.BlockOutChannels[0]));
        if (config.ProjectionClassEmbeddingsInputDim is { } width) time = Memory.Add(Embedding("add_embedding", Memory.Input(1, width)), time);
        return layers.Activation(time);
    });

    private SimulatedTensor Embedding(string name, SimulatedTensor encoding) =>
        Memory.InScope(() => layers.Linear($"{name}.linear_2", layers.Activation(layers.Linear($"{name}.linear_1", encoding, TimeWidth)), TimeWidth));

    private SimulatedTensor Down(int level, SimulatedTensor hidden, SimulatedTensor time, SimulatedTensor text, long[] positions, Stack<SimulatedTensor> kept)
    {
        int channels = config.BlockOutChannels[level];
        bool attends = config.DownBlockTypes[level].StartsWith(CrossAttention, StringComparison.Ordinal);
        for (int layer = 0; layer < config.LayersPerBlock[level]; layer++)
        {
            string suffix = $".{layer}", block = $"down_blocks.{level}";
            hidden = tape.Run(x => Layer(level, block, suffix, attends, x[0], x[1], text, channels), hidden, time);
            kept.Push(hidden);
        }

        if (level == Levels - 1) return hidden;
        hidden = tape.Run(x => layers.Convolution($"down_blocks.{level}.downsamplers.0.conv", x[0], channels, 3, positions[level + 1]), hidden);
        kept.Push(hidden);
        return hidden;
    }

    private SimulatedTensor Middle(SimulatedTensor hidden, SimulatedTensor time, SimulatedTensor text)
    {
        int level = Levels - 1, channels = config.BlockOutChannels[level];
        hidden = tape.Run(x => Layer(level, "mid_block", ".0", attends: true, x[0], x[1], text, channels), hidden, time);
        return tape.Run(x => Resnet("mid_block.resnets.1", x[0], x[1], channels), hidden, time);
    }

    private SimulatedTensor Up(int level, SimulatedTensor hidden, SimulatedTensor time, SimulatedTensor text, long[] positions, Stack<SimulatedTensor> kept)
    {
        int at = Levels - 1 - level, channels = config.BlockOutChannels[level];
        bool attends = config.UpBlockTypes[at].StartsWith(CrossAttention, StringComparison.Ordinal);
        for (int layer = 0; layer <= config.LayersPerBlock[level]; layer++)
        {
            string suffix = $".{layer}", block = $"up_blocks.{at}";
            hidden = tape.Run(x => Memory.InScope(() => Layer(level, block, suffix, attends, layers.Joined(x[0], x[1]), x[2], text, channels)), hidden, kept.Pop(), time);
        }

        return level == 0 ? hidden : tape.Run(
            x => Memory.InScope(() => layers.Convolution($"up_blocks.{at}.upsamplers.0.conv", layers.Resized(x[0], positions[level - 1]), channels, 3, positions[level - 1])), hidden);
    }

    private SimulatedTensor Layer(int level, string block, string suffix, bool attends, SimulatedTensor input, SimulatedTensor time, SimulatedTensor text, int channels) =>
        Memory.InScope(() =>
        {
            SimulatedTensor hidden = Resnet($"{block}.resnets{suffix}", input, time, channels);
            return attends ? Transformer(level, $"{block}.attentions{suffix}", hidden, text) : hidden;
        });

    private SimulatedTensor Resnet(string name, SimulatedTensor input, SimulatedTensor time, int channels) =>
        new SimulatedResnet(layers, config.NormNumGroups).Run(name, input, time, channels);

    private SimulatedTensor Transformer(int level, string name, SimulatedTensor input, SimulatedTensor text) => Memory.InScope(() =>
    {
        SimulatedTensor hidden = layers.Norm(input, config.NormNumGroups);
        hidden = config.UseLinearProjection ? Projected("proj_in", layers.Reordered(hidden)) : layers.Reordered(Projected("proj_in", hidden));
        for (int i = 0; i < config.TransformerLayersPerBlock[level]; i++) hidden = TransformerBlock(level, $"{name}.transformer_blocks.{i}", hidden, text);
        hidden = config.UseLinearProjection ? layers.Reordered(Projected("proj_out", hidden)) : Projected("proj_out", layers.Reordered(hidden));
        return Memory.Add(hidden, input);

        SimulatedTensor Projected(string projection, SimulatedTensor x) => config.UseLinearProjection
            ? layers.Linear($"{name}.{projection}", x, x.Channels)
            : layers.Convolution($"{name}.{projection}", x, x.Channels, 1, x.Positions);
    });

    private SimulatedTensor TransformerBlock(int level, string name, SimulatedTensor tokens, SimulatedTensor text) => Memory.InScope(() =>
    {
        int heads = (config.NumAttentionHeads ?? config.AttentionHeadDim)[level];
        SimulatedTensor normalised = layers.Norm(tokens, tokens.Positions);
        SimulatedTensor hidden = Memory.Add(Attention($"{name}.attn1", normalised, normalised, heads), tokens);
        hidden = Memory.Add(Attention($"{name}.attn2", layers.Norm(hidden, hidden.Positions), text, heads), hidden);
        return Memory.Add(FeedForward($"{name}.ff", layers.Norm(hidden, hidden.Positions)), hidden);
    });

    private SimulatedTensor Attention(string name, SimulatedTensor tokens, SimulatedTensor context, int heads) => Memory.InScope(() =>
    {
        long width = tokens.Channels;
        SimulatedTensor attended = layers.Attention(
            layers.Linear($"{name}.to_q", tokens, width), layers.Linear($"{name}.to_k", context, width), layers.Linear($"{name}.to_v", context, width), heads);
        return layers.Linear($"{name}.to_out.0", attended, width);
    });

    private SimulatedTensor FeedForward(string name, SimulatedTensor tokens) => Memory.InScope(() =>
    {
        SimulatedTensor wide = Memory.InScope(() => layers.Gated(layers.Linear($"{name}.net.0.proj", tokens, 2 * Widening * tokens.Channels)));
        return layers.Linear($"{name}.net.2", wide, tokens.Channels);
    });
}
