using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Training.Parameters;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Optimizers;

/// <summary>
/// AdamW with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2) over flat buffers, by libtorch's fused kernel: one pass over
/// parameters, gradients and moments.
/// </summary>
public sealed class AdamW : IDisposable
{
    private const ulong No = 0; // false, or an absent optional argument

    private readonly FlatParameters parameters;
    private readonly OptimizerOptions options;
    private readonly Tensor stepCount = zeros([], ScalarType.Float32).DetachFromDisposeScope(); // the kernel's bias correction reads it

    /// <summary>Starts with moments of 0.</summary>
    /// <param name="parameters">What is updated.</param>
    /// <param name="options">Resolved: betas, epsilon and weight decay are given.</param>
    public AdamW(FlatParameters parameters, OptimizerOptions options)
    {
        this.parameters = parameters;
        this.options = options;
        FirstMoments = parameters.NewBuffer();
        SecondMoments = parameters.NewBuffer();
    }

    /// <summary>Running mean of the gradients, in the layout of the parameters.</summary>
    public Tensor FirstMoments { get; }

    /// <summary>Running mean of the squared gradients, in the layout of the parameters.</summary>
    public Tensor SecondMoments { get; }

    /// <summary>Updates that were made; a resumed run sets it with the moments.</summary>
    public int Steps { get; set; }

    /// <summary>Updates the parameters by their gradients.</summary>
    /// <param name="learningRate">The rate of this update.</param>
    public void Step(double learningRate)
    {
        using IDisposable noGradient = no_grad();
        Steps++;
        stepCount.fill_(Steps);
        TorchNative.Call("aten::_fused_adamw_", "",
        [
            List(parameters.Values), List(parameters.Gradients), List(FirstMoments), List(SecondMoments), TorchNative.Argument([]), List(stepCount),
            TorchNative.Argument(learningRate), TorchNative.Argument(options.Beta1!.Value), TorchNative.Argument(options.Beta2!.Value),
            TorchNative.Argument(options.WeightDecay!.Value), TorchNative.Argument(options.Epsilon!.Value),
            No /* amsgrad */, No /* maximize */, No /* grad_scale */, No /* found_inf */,
        ]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoments.Dispose();
        SecondMoments.Dispose();
        stepCount.Dispose();
    }

    private static ulong List(Tensor tensor) => TorchNative.Argument([tensor]);
}
