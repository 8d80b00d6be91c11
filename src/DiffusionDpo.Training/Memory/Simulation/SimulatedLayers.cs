namespace DiffusionDpo.Training.Memory.Simulation;

/// <summary>The layers of networks as operators: what each saves is what libtorch's autograd saves.</summary>
/// <param name="memory">Where they run.</param>
/// <param name="trained">What has gradients.</param>
internal sealed class SimulatedLayers(StepMemory memory, TrainedParts trained)
{
    private const int StatisticsBytes = sizeof(float);

    public StepMemory Memory => memory;

    /// <summary>A convolution that gives as many positions as it is told.</summary>
    public SimulatedTensor Convolution(string name, SimulatedTensor input, long channels, int size, long positions)
    {
        SimulatedTensor output = ConvolutionAlone(input, channels, size, positions, trained.Everything);
        if (trained.RankAt(name) is not { } rank) return output;
        SimulatedTensor change = memory.InScope(() =>
            ConvolutionAlone(ConvolutionAlone(input, rank, size, positions, isTrained: true), channels, size: 1, positions, isTrained: true));
        return memory.Add(output, change);
    }

    /// <summary>A linear layer.</summary>
    public SimulatedTensor Linear(string name, SimulatedTensor input, long channels)
    {
        SimulatedTensor output = LinearAlone(input, channels, trained.Everything);
        if (trained.RankAt(name) is not { } rank) return output;
        SimulatedTensor change = memory.InScope(() => LinearAlone(LinearAlone(input, rank, isTrained: true), channels, isTrained: true));
        return memory.Add(output, change);
    }

    /// <summary>A group or layer norm: it saves its input, frozen or not.</summary>
    /// <param name="input">The input.</param>
    /// <param name="groups">Means and deviations of one image.</param>
    public SimulatedTensor Norm(SimulatedTensor input, long groups) => memory.Apply(input.Positions, input.Channels, [input], new()
    {
        Saves = [input], Statistics = 2 * memory.Images * groups * StatisticsBytes, WeightGradient = trained.Everything ? 2 * input.Channels * memory.BytesPerNumber : 0,
    });

    /// <summary>SiLU or GELU.</summary>
    public SimulatedTensor Activation(SimulatedTensor input) => memory.Apply(input.Positions, input.Channels, [input], new() { Saves = [input] });

    /// <summary>Half of the channels times the activation of the others: the halves are views.</summary>
    public SimulatedTensor Gated(SimulatedTensor input)
    {
        long half = input.Channels / 2;
        // The halves' gradients are joined again.
        SimulatedTensor gate = memory.Apply(input.Positions, half, [input], new() { Saves = [input], BackwardScratch = memory.Bytes(input.Positions, half) });
        return memory.Apply(input.Positions, half, [gate, input], new() { Saves = [gate, input] });
    }

    /// <summary>Attention.</summary>
    public SimulatedTensor Attention(SimulatedTensor query, SimulatedTensor key, SimulatedTensor value, int heads) =>
        memory.Apply(query.Positions, query.Channels, [query, key, value], new()
        {
            Saves = [query, key, value], SavesOutput = true, Statistics = memory.Images * heads * query.Positions * StatisticsBytes,
        });

    /// <summary>A copy in another order of numbers.</summary>
    public SimulatedTensor Reordered(SimulatedTensor input) => memory.Apply(input.Positions, input.Channels, [input], new() { PassesGradient = true });

    /// <summary>Two after each other: their gradients are views.</summary>
    public SimulatedTensor Joined(SimulatedTensor first, SimulatedTensor second) =>
        memory.Apply(first.Positions, first.Channels + second.Channels, [first, second], new() { PassesGradient = true });

    /// <summary>Enlarged, or with borders.</summary>
    public SimulatedTensor Resized(SimulatedTensor input, long positions) => memory.Apply(positions, input.Channels, [input], new());

    // The kernel's blocked copies of input, filters and output.
    private SimulatedTensor ConvolutionAlone(SimulatedTensor input, long channels, int size, long positions, bool isTrained)
    {
        long weights = input.Channels * channels * size * size * memory.BytesPerNumber;
        long scratch = input.Block.Bytes + weights + memory.Bytes(positions, channels);
        return memory.Apply(positions, channels, [input], new() { Saves = [input], Scratch = scratch, BackwardScratch = scratch, WeightGradient = isTrained ? weights : 0 });
    }

    // Reads its input backward only for the gradient of its weights.
    private SimulatedTensor LinearAlone(SimulatedTensor input, long channels, bool isTrained) => memory.Apply(input.Positions, channels, [input], new()
    {
        Saves = isTrained ? [input] : [], WeightGradient = isTrained ? input.Channels * channels * memory.BytesPerNumber : 0,
    });
}
