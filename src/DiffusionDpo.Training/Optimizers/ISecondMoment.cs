using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Optimizers;

/// <summary>The running mean of the squared gradient of one parameter, as Adafactor keeps it.</summary>
internal interface ISecondMoment : IDisposable
{
    /// <summary>Takes in another squared gradient: mean ← keep·mean + add·square.</summary>
    /// <param name="square">g² + ε, in the parameter's shape.</param>
    /// <param name="keep">β₂ of this step.</param>
    /// <param name="add">1 − β₂.</param>
    void Take(Tensor square, Scalar keep, Scalar add);

    /// <summary>1/√ of the mean times the gradient, in the caller's dispose scope.</summary>
    /// <param name="gradient">In the parameter's shape.</param>
    Tensor Scaled(Tensor gradient);

    /// <summary>What has to be saved, by a prefix of the parameter's name.</summary>
    IEnumerable<(string Prefix, Tensor Tensor)> State();
}
