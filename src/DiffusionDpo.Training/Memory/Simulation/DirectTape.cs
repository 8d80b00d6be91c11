namespace DiffusionDpo.Training.Memory.Simulation;

/// <summary>Autograd keeps all activations.</summary>
/// <param name="memory">Where.</param>
internal sealed class DirectTape(StepMemory memory) : ISimulatedTape
{
    /// <inheritdoc/>
    public SimulatedTensor Run(Func<SimulatedTensor[], SimulatedTensor> segment, params SimulatedTensor[] inputs) => segment(inputs);

    /// <inheritdoc/>
    public void Backward(SimulatedTensor output) => memory.Backward(output);
}
