using DiffusionDpo.Api.Options;
using DiffusionDpo.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Optimizers;

/// <summary>
/// Adafactor (Shazeer and Stern 2018, algorithm 4) with the settings of the authors of Diffusion-DPO: the rate is given, not relative to the step
/// or the parameter's size; no first moment; the update of each parameter is scaled down to a root mean square of 1; decoupled weight decay.
/// </summary>
/// <remarks>
/// The state of a matrix is one row and one column of means instead of two values for each element. Filters of 3×3 keep two thirds of a value for
/// each element, of 1×1 two. In all that is 0.53 values for each parameter of SD1.5's UNet and 0.10 of SDXL's, where AdamW has two.
/// </remarks>
public sealed class Adafactor : IOptimizer
{
    private const double DecayExponent = -0.8; // β₂ = 1 − t^−0.8, section 7.2

    private static readonly Scalar Epsilon = 1e-30; // ε₁, added to g²
    private static readonly Scalar Threshold = 1; // d, of the root mean square of an update
    private static readonly Scalar One = 1;

    private readonly FlatParameters parameters;
    private readonly double weightDecay;
    private readonly ISecondMoment[] moments; // as FlatParameters.Slices

    /// <summary>Starts with moments of 0.</summary>
    /// <param name="parameters">What is updated.</param>
    /// <param name="options">Resolved: weight decay is given. Betas and epsilon are AdamW's.</param>
    public Adafactor(FlatParameters parameters, OptimizerOptions options)
    {
        this.parameters = parameters;
        weightDecay = options.WeightDecay!.Value;
        using DisposeScope scope = NewDisposeScope();
        moments = [.. parameters.Named(parameters.Values).Select(each => NewMoment(each.Tensor))];
    }

    /// <inheritdoc/>
    public int Steps { get; set; }

    /// <inheritdoc/>
    public void Step(double learningRate, double gradientScale = 1)
    {
        using IDisposable noGradient = no_grad();
        Steps++;
        double fresh = Math.Pow(Steps, DecayExponent);
        using Scalar keep = 1 - fresh, add = fresh, minusRate = -learningRate, decay = 1 - (learningRate * weightDecay);
        for (int i = 0; i < moments.Length; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            ParameterSlice slice = parameters.Slices[i];
            Tensor gradient = parameters.ScaledGradients(slice.Offset, slice.Length, gradientScale).view([.. slice.Shape]);
            moments[i].Take((gradient * gradient).add_(Epsilon), keep, add);
            Tensor update = moments[i].Scaled(gradient);
            update.div_((update * update).mean().sqrt_().div_(Threshold).clamp_min_(One));
            parameters.View(slice).mul_(decay).add_(update, minusRate);
        }
    }

    /// <summary>
    /// Names are <c>row.NAME</c> and <c>column.NAME</c> for every parameter of two or more dimensions, <c>second.NAME</c> for the others.
    /// </summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State() =>
    [
        .. moments.Zip(parameters.Slices, (moment, slice) => moment.State().Select(each => (each.Prefix + slice.Name, each.Tensor.alias()))).SelectMany(each => each),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ISecondMoment moment in moments) moment.Dispose();
    }

    private static ISecondMoment NewMoment(Tensor parameter) => parameter.dim() < 2 ? new FullSecondMoment(parameter) : new FactoredSecondMoment(parameter);
}
