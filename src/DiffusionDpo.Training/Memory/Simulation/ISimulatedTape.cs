namespace DiffusionDpo.Training.Memory.Simulation;

/// <summary>What the layers of a simulated network are run on, as <see cref="Models.Segments.ITape"/> is for real ones.</summary>
internal interface ISimulatedTape
{
    /// <summary>Runs a segment.</summary>
    /// <param name="segment">A function of its inputs.</param>
    /// <param name="inputs">Results of earlier segments.</param>
    SimulatedTensor Run(Func<SimulatedTensor[], SimulatedTensor> segment, params SimulatedTensor[] inputs);

    /// <summary>The backward pass.</summary>
    /// <param name="output">The last segment's result.</param>
    void Backward(SimulatedTensor output);
}
