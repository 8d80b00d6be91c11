namespace DiffusionDpo.Training.Memory.Simulation;

/// <summary>Results of segments are kept, and what is inside them is made again: <see cref="Models.Segments.RecomputingTape"/>.</summary>
/// <param name="memory">Where.</param>
internal sealed class RecomputingTape(StepMemory memory) : ISimulatedTape
{
    private readonly List<Step> steps = [];
    private readonly Dictionary<SimulatedTensor, SimulatedTensor> values = new(ReferenceEqualityComparer.Instance);

    /// <inheritdoc/>
    public SimulatedTensor Run(Func<SimulatedTensor[], SimulatedTensor> segment, params SimulatedTensor[] inputs)
    {
        SimulatedTensor output = memory.Recording(false, () => memory.InScope(() => segment(inputs)));
        output.Block.Holders++;
        SimulatedTensor value = new(output.Block, output.Positions, output.Channels) { NeedsGradient = true };
        steps.Add(new(segment, [.. inputs.Select(input => values[input])], value));
        values.Add(output, value);
        return output;
    }

    /// <inheritdoc/>
    public void Backward(SimulatedTensor output)
    {
        steps[^1].Output.Gradient = memory.Take(memory.Bytes(output.Positions, output.Channels));
        for (int i = steps.Count - 1; i >= 0; i--)
        {
            if (steps[i].Output.Gradient is not null) Backward(steps[i]);
            if (steps[i].Output.Gradient is { } gradient) memory.Release(gradient);
            memory.Release(steps[i].Output.Block);
        }
    }

    // What later users gave an input goes into its graph.
    private void Backward(Step step) => memory.WithOwnGraph(() => memory.InScope(() =>
    {
        SimulatedTensor output = memory.Recording(true, () => step.Segment(step.Inputs));
        if (!output.NeedsGradient) return;
        output.Gradient = step.Output.Gradient;
        step.Output.Gradient = null;
        memory.Backward(output);
    }));

    private sealed record Step(Func<SimulatedTensor[], SimulatedTensor> Segment, SimulatedTensor[] Inputs, SimulatedTensor Output);
}
