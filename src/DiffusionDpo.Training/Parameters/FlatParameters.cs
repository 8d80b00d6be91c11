using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Parameters;

/// <summary>
/// The trainable parameters of a module as views of one flat buffer, and their gradients as views of another: norm, clipping, update and
/// later reduction over ranks are a few large operations instead of a loop over hundreds of tensors.
/// </summary>
/// <remarks>
/// Take it after the module has its final device and number format; moving the module afterwards would replace the parameters. Gradients are
/// cleared with <see cref="ZeroGradients"/>: the module's own <c>zero_grad</c> would cut their views off. Gaps between parameters hold zeros.
/// </remarks>
public sealed class FlatParameters : IDisposable
{
    private const long Alignment = 16; // elements: 64 bytes in float32, the width of the widest vector loads
    private const long NormChunk = 1024; // the whole length is a multiple of it
    private const double NormEpsilon = 1e-6; // as in PyTorch's clipping

    private FlatParameters(IReadOnlyList<ParameterSlice> slices, Tensor values)
    {
        Slices = slices;
        Values = values;
        Gradients = zeros_like(values).DetachFromDisposeScope();
    }

    /// <summary>The parameters in the order of the module.</summary>
    public IReadOnlyList<ParameterSlice> Slices { get; }

    /// <summary>All parameters, one dimension.</summary>
    public Tensor Values { get; }

    /// <summary>All gradients, in the layout of <see cref="Values"/>.</summary>
    public Tensor Gradients { get; }

    /// <summary>Moves a module's parameters that require gradients into flat buffers; the module keeps its Parameter objects.</summary>
    /// <param name="module">On its final device, all its trainable parameters of one floating type.</param>
    public static FlatParameters Of(nn.Module module)
    {
        (string Name, Parameter Parameter)[] trainable = [.. module.named_parameters().Where(each => each.parameter.requires_grad)];
        List<ParameterSlice> slices = Lay(trainable, out long length);
        using IDisposable noGradient = no_grad();
        Parameter first = trainable[0].Parameter;
        var flat = new FlatParameters(slices, zeros(length, first.dtype, first.device).DetachFromDisposeScope());
        for (int i = 0; i < slices.Count; i++) flat.Bind(trainable[i].Parameter, slices[i]);
        return flat;
    }

    /// <summary>A buffer of zeros in this layout, as optimizers need them.</summary>
    public Tensor NewBuffer() => zeros_like(Values).DetachFromDisposeScope();

    /// <summary>A buffer in this layout as one view for each parameter; they belong to the caller's dispose scope.</summary>
    /// <param name="buffer"><see cref="Values"/>, <see cref="Gradients"/> or a <see cref="NewBuffer"/>.</param>
    public IReadOnlyList<(string Name, Tensor Tensor)> Named(Tensor buffer) => [.. Slices.Select(slice => (slice.Name, View(buffer, slice)))];

    /// <summary>Sets all gradients to 0.</summary>
    public void ZeroGradients() => Gradients.zero_();

    /// <summary>The L2 norm of the gradient of all parameters. Waits for the device.</summary>
    /// <remarks>Two levels, the upper one in float64: a single float32 sum over a billion elements would lose digits.</remarks>
    public double GradientNorm()
    {
        using DisposeScope scope = NewDisposeScope();
        return linalg.vector_norm(Gradients.view(-1, NormChunk), 2, [1]).@double().norm().item<double>();
    }

    /// <summary>What a gradient is to be multiplied by so that its norm is at most the largest allowed: 1 for a smaller one.</summary>
    /// <param name="norm">Its norm.</param>
    /// <param name="maximum">The largest norm that is left alone; 0 switches clipping off.</param>
    public static double ClippingScale(double norm, double maximum) => maximum > 0 ? Math.Min(1, maximum / (norm + NormEpsilon)) : 1;

    /// <summary>The gradients of a stretch, scaled, for the optimizer: they are used up. In the caller's dispose scope.</summary>
    /// <param name="from">Its first element.</param>
    /// <param name="length">Its number of elements.</param>
    /// <param name="factor">What they are multiplied by.</param>
    public Tensor ScaledGradients(long from, long length, double factor)
    {
        Tensor gradients = Gradients.narrow(0, from, length);
        if (factor == 1) return gradients;
        using Scalar scale = factor;
        return gradients.mul_(scale);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        Gradients.Dispose();
    }

    private static List<ParameterSlice> Lay((string Name, Parameter Parameter)[] parameters, out long length)
    {
        var slices = new List<ParameterSlice>(parameters.Length);
        length = 0;
        foreach ((string name, Parameter parameter) in parameters)
        {
            slices.Add(new(name, parameter.shape, length, parameter.numel()));
            length = RoundUp(length + parameter.numel(), Alignment);
        }

        length = RoundUp(length, NormChunk);
        return slices;
    }

    private static long RoundUp(long value, long multiple) => (value + multiple - 1) / multiple * multiple;

    /// <summary>One parameter, in the caller's dispose scope.</summary>
    /// <param name="slice">Which.</param>
    public Tensor View(ParameterSlice slice) => View(Values, slice);

    private static Tensor View(Tensor buffer, ParameterSlice slice) => buffer.narrow(0, slice.Offset, slice.Length).view([.. slice.Shape]);

    private void Bind(Parameter parameter, ParameterSlice slice)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor view = View(Values, slice);
        view.copy_(parameter);
        parameter.set_(view);
        parameter.grad = View(Gradients, slice);
    }
}
