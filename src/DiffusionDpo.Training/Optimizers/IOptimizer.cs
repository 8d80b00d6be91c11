using static TorchSharp.torch;

namespace DiffusionDpo.Training.Optimizers;

/// <summary>An update rule over flat parameters, with the state that it carries from step to step.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>Updates that were made; a resumed run sets it with the state.</summary>
    int Steps { get; set; }

    /// <summary>Updates the parameters by their gradients, which are used up.</summary>
    /// <param name="learningRate">The rate of this update.</param>
    /// <param name="gradientScale">What the gradients are multiplied by first.</param>
    void Step(double learningRate, double gradientScale = 1);

    /// <summary>
    /// What a checkpoint has to hold, and what is filled when one is restored: names, unique to this kind of optimizer and parameter, and tensors over
    /// the state itself, which belong to the caller's dispose scope.
    /// </summary>
    IReadOnlyList<(string Name, Tensor Tensor)> State();
}
