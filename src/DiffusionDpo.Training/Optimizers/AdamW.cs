using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Optimizers;

/// <summary>
/// AdamW with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2) over flat buffers, by libtorch's fused kernel: one pass over
/// parameters, gradients and moments, stretch by stretch.
/// </summary>
public sealed class AdamW : IOptimizer
{
    private const ulong No = 0; // false, or an absent optional argument

    private readonly FlatParameters parameters;
    private readonly OptimizerOptions options;
    private readonly Tensor stepCount; // the kernel's bias correction reads it, where the parameters are

    /// <summary>Starts with moments of 0.</summary>
    /// <param name="parameters">What is updated.</param>
    /// <param name="options">Resolved: betas, epsilon and weight decay are given.</param>
    public AdamW(FlatParameters parameters, OptimizerOptions options)
    {
        this.parameters = parameters;
        this.options = options;
        stepCount = zeros([], ScalarType.Float32, parameters.Values.device).DetachFromDisposeScope();
        FirstMoments = parameters.NewBuffer();
        SecondMoments = parameters.NewBuffer();
    }

    /// <summary>Running mean of the gradients, in the layout of the parameters.</summary>
    public Tensor FirstMoments { get; }

    /// <summary>Running mean of the squared gradients, in the layout of the parameters.</summary>
    public Tensor SecondMoments { get; }

    /// <inheritdoc/>
    public int Steps { get; set; }

    /// <inheritdoc/>
    public void Step(double learningRate, double gradientScale = 1)
    {
        using IDisposable noGradient = no_grad();
        using Scalar steps = ++Steps;
        stepCount.fill_(steps);
        foreach ((long from, long length) in parameters.Stretches) Update(from, length, learningRate, gradientScale);
    }

    /// <summary>Names are <c>first.NAME</c> and <c>second.NAME</c> for every parameter.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State() => [.. Prefixed("first.", FirstMoments), .. Prefixed("second.", SecondMoments)];

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoments.Dispose();
        SecondMoments.Dispose();
        stepCount.Dispose();
    }

    private void Update(long from, long length, double learningRate, double gradientScale)
    {
        using DisposeScope scope = NewDisposeScope();
        TorchNative.Call("aten::_fused_adamw_", "",
        [
            List(parameters.Values.narrow(0, from, length)), List(parameters.ScaledGradients(from, length, gradientScale)),
            List(FirstMoments.narrow(0, from, length)), List(SecondMoments.narrow(0, from, length)), TorchNative.Argument([]), List(stepCount),
            TorchNative.Argument(learningRate), TorchNative.Argument(options.Beta1!.Value), TorchNative.Argument(options.Beta2!.Value),
            TorchNative.Argument(options.WeightDecay!.Value), TorchNative.Argument(options.Epsilon!.Value),
            No /* amsgrad */, No /* maximize */, No /* grad_scale */, No /* found_inf */,
        ]);
    }

    private IEnumerable<(string Name, Tensor Tensor)> Prefixed(string prefix, Tensor moments) =>
        parameters.Named(moments).Select(each => (prefix + each.Name, each.Tensor));

    private static ulong List(Tensor tensor) => TorchNative.Argument([tensor]);
}
