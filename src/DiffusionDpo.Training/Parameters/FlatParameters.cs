using DiffusionDpo.Models.Loading;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Parameters;

/// <summary>
/// The trainable parameters of a module as views of one flat buffer, and their gradients as views of another: norm, clipping, update and
/// later reduction over ranks are a few large operations instead of a loop over hundreds of tensors.
/// </summary>
/// <remarks>
/// <para>
/// Where the network computes in another format, <see cref="Values"/> are the parameters in the format they had: what the optimizer changes, by steps
/// that bf16 would round away, and what checkpoints hold. The network's parameters are views of a rounded copy, renewed by
/// <see cref="UpdateNetwork"/>. A micro-batch's gradients arrive in the network's format. Of one micro-batch per step these are
/// <see cref="Gradients"/>, and are widened a stretch at a time where they are used; of several <see cref="Gradients"/> is the sum in the format of
/// <see cref="Values"/>, to which <see cref="CollectGradients"/> adds: a sum in bf16 would lose what is 256 times smaller than the rest. Both ways
/// give the same bits for one micro-batch; the second takes 4 bytes more per parameter.
/// </para>
/// <para>
/// Take it after the module has its final device; moving the module afterwards would replace the parameters. Gradients are
/// cleared with <see cref="ZeroGradients"/>: the module's own <c>zero_grad</c> would cut their views off. Gaps between parameters hold zeros.
/// </para>
/// </remarks>
public sealed class FlatParameters : IDisposable
{
    private const long Alignment = 256; // elements: 512 bytes in bf16, as libtorch allocates on GPUs; its matrix products choose their kernel by it, and the reference's are to choose the same
    private const long NormChunk = 1024; // the whole length is a multiple of it
    private const double NormEpsilon = 1e-6; // as in PyTorch's clipping
    private const long Stretch = 1 << 22; // elements that are converted at a time: 16 MiB in float32

    private readonly Tensor networkValues;
    private readonly Tensor networkGradients;
    private readonly Tensor? widened; // one stretch in the format of Values: fresh memory for each would leave the heap in pieces

    private FlatParameters(IReadOnlyList<ParameterSlice> slices, Tensor values, ScalarType computesIn, bool sumsGradients)
    {
        Slices = slices;
        Values = values;
        bool isMixed = computesIn != values.dtype;
        networkValues = isMixed ? zeros_like(values, computesIn).DetachFromDisposeScope() : values;
        networkGradients = zeros_like(networkValues).DetachFromDisposeScope();
        Gradients = isMixed && sumsGradients ? NewBuffer() : networkGradients;
        if (isMixed) widened = empty(Math.Min(Stretch, values.numel()), values.dtype, values.device).DetachFromDisposeScope();
    }

    /// <summary>The parameters in the order of the module.</summary>
    public IReadOnlyList<ParameterSlice> Slices { get; }

    /// <summary>All parameters, one dimension. Whoever changes them calls <see cref="UpdateNetwork"/>.</summary>
    public Tensor Values { get; }

    /// <summary>All gradients of the step, in the layout of <see cref="Values"/>; in their format or the network's.</summary>
    public Tensor Gradients { get; }

    /// <summary>
    /// The whole buffer in stretches, for what is not done in place: its first element and its length, a multiple of 1024.
    /// </summary>
    public IEnumerable<(long From, long Length)> Stretches
    {
        get
        {
            for (long from = 0; from < Values.numel(); from += Stretch) yield return (from, Math.Min(Stretch, Values.numel() - from));
        }
    }

    /// <summary>Moves a module's parameters that require gradients into flat buffers, in their own format; the module keeps its Parameter objects.</summary>
    /// <param name="module">On its final device, all its trainable parameters of one floating type.</param>
    public static FlatParameters Of(nn.Module module)
    {
        (string Name, Parameter Parameter)[] trainable = Trainable(module);
        using IDisposable noGradient = no_grad();
        FlatParameters flat = For(trainable, trainable[0].Parameter.dtype, sumsGradients: false);
        for (int i = 0; i < trainable.Length; i++) flat.Bind(trainable[i].Parameter, flat.Slices[i]);
        return flat;
    }

    /// <summary>
    /// Moves a module's parameters that require gradients into flat buffers, and lets the module compute in another format: it gets new
    /// Parameter objects.
    /// </summary>
    /// <param name="module">On its final device, all its trainable parameters of one floating type, which stays that of <see cref="Values"/>.</param>
    /// <param name="computesIn">The format of the network; frozen parameters have it already.</param>
    /// <param name="sumsGradients">Whether a step has several micro-batches.</param>
    public static FlatParameters Of(nn.Module module, ScalarType computesIn, bool sumsGradients) =>
        Of([.. ParameterSlot.Of(module).Where(slot => slot.Current.requires_grad)], computesIn, sumsGradients);

    /// <summary>Moves chosen parameters into flat buffers, and lets the network compute with them in a format: it gets new Parameter objects.</summary>
    /// <param name="slots">On their final device, all of one floating type, which stays that of <see cref="Values"/>.</param>
    /// <param name="computesIn">The format of the network.</param>
    /// <param name="sumsGradients">Whether a step has several micro-batches.</param>
    public static FlatParameters Of(IReadOnlyList<ParameterSlot> slots, ScalarType computesIn, bool sumsGradients)
    {
        using IDisposable noGradient = no_grad();
        FlatParameters flat = For([.. slots.Select(slot => (slot.Name, slot.Current))], computesIn, sumsGradients);
        foreach ((ParameterSlot slot, ParameterSlice slice) in slots.Zip(flat.Slices)) flat.Replace(slot, slice);
        flat.UpdateNetwork();
        return flat;
    }

    /// <summary>A buffer of zeros in the layout and format of <see cref="Values"/>, as optimizers need them.</summary>
    public Tensor NewBuffer() => zeros_like(Values).DetachFromDisposeScope();

    /// <summary>A buffer in this layout as one view for each parameter; they belong to the caller's dispose scope.</summary>
    /// <param name="buffer"><see cref="Values"/>, <see cref="Gradients"/> or a <see cref="NewBuffer"/>.</param>
    public IReadOnlyList<(string Name, Tensor Tensor)> Named(Tensor buffer) => [.. Slices.Select(slice => (slice.Name, View(buffer, slice)))];

    /// <summary>One parameter, in the caller's dispose scope.</summary>
    /// <param name="slice">Which.</param>
    public Tensor View(ParameterSlice slice) => View(Values, slice);

    /// <summary>Gives the network the parameters as they are now, rounded to its format.</summary>
    public void UpdateNetwork()
    {
        using IDisposable noGradient = no_grad();
        if (!ReferenceEquals(networkValues, Values)) networkValues.copy_(Values);
    }

    /// <summary>Sets all gradients to 0.</summary>
    public void ZeroGradients()
    {
        Gradients.zero_();
        networkGradients.zero_();
    }

    /// <summary>Takes the gradients of a micro-batch into those of the step, after its backward pass.</summary>
    public void CollectGradients()
    {
        if (ReferenceEquals(networkGradients, Gradients)) return; // where autograd has added them up itself
        foreach ((long from, long length) in Stretches)
        {
            using DisposeScope scope = NewDisposeScope();
            Gradients.narrow(0, from, length).add_(Widened(networkGradients.narrow(0, from, length)));
        }

        networkGradients.zero_();
    }

    /// <summary>The L2 norm of the gradient of all parameters. Waits for the device.</summary>
    /// <remarks>Two levels, the upper one in float64: a single float32 sum over a billion elements would lose digits.</remarks>
    public double GradientNorm()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] norms = [.. Stretches.Select(stretch => Norm(stretch.From, stretch.Length))];
        return stack(norms).norm().item<double>();
    }

    /// <summary>What a gradient is to be multiplied by so that its norm is at most the largest allowed: 1 for a smaller one.</summary>
    /// <param name="norm">Its norm.</param>
    /// <param name="maximum">The largest norm that is left alone; 0 switches clipping off.</param>
    public static double ClippingScale(double norm, double maximum) => maximum > 0 ? Math.Min(1, maximum / (norm + NormEpsilon)) : 1;

    /// <summary>
    /// The gradients of a stretch, scaled, in the format of <see cref="Values"/>, for the optimizer: they are used up, and there until the next are asked
    /// for. In the caller's dispose scope.
    /// </summary>
    /// <param name="from">Its first element.</param>
    /// <param name="length">Its number of elements.</param>
    /// <param name="factor">What they are multiplied by.</param>
    public Tensor ScaledGradients(long from, long length, double factor)
    {
        Tensor gradients = Widened(Gradients.narrow(0, from, length));
        if (factor == 1) return gradients;
        using Scalar scale = factor;
        return gradients.mul_(scale);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor? buffer in new[] { Values, Gradients, networkValues, networkGradients, widened }) buffer?.Dispose();
    }

    private static (string Name, Parameter Parameter)[] Trainable(nn.Module module) =>
        [.. module.named_parameters().Where(each => each.parameter.requires_grad)];

    private static FlatParameters For((string Name, Parameter Parameter)[] trainable, ScalarType computesIn, bool sumsGradients)
    {
        List<ParameterSlice> slices = Lay(trainable, out long length);
        Parameter first = trainable[0].Parameter;
        return new(slices, zeros(length, first.dtype, first.device).DetachFromDisposeScope(), computesIn, sumsGradients);
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

    private static Tensor View(Tensor buffer, ParameterSlice slice) => buffer.narrow(0, slice.Offset, slice.Length).view([.. slice.Shape]);

    private Tensor Norm(long from, long length)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Widened(Gradients.narrow(0, from, length)).view(-1, NormChunk);
        return linalg.vector_norm(rows, 2, [1]).@double().norm().MoveToOuterDisposeScope();
    }

    /// <summary>In the format of <see cref="Values"/>; where that is theirs, no copy.</summary>
    private Tensor Widened(Tensor gradients)
    {
        if (gradients.dtype == Values.dtype) return gradients;
        return gradients.numel() > widened!.numel() ? gradients.to(Values.dtype) : widened.narrow(0, 0, gradients.numel()).copy_(gradients);
    }

    private void Bind(Parameter parameter, ParameterSlice slice)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor view = View(slice);
        view.copy_(parameter);
        parameter.set_(view);
        parameter.grad = View(networkGradients, slice);
    }

    private void Replace(ParameterSlot slot, ParameterSlice slice)
    {
        using DisposeScope scope = NewDisposeScope();
        View(slice).copy_(slot.Current);
        slot.Replace(new Parameter(View(networkValues, slice)));
        slot.Current.grad = View(networkGradients, slice);
    }
}
