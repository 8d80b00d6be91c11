using static TorchSharp.torch;

namespace Gpu;

/// <summary>
/// Counts the multiplications and additions of a forward pass: of layers with a matrix or filters, twice its size for every place of the output; of
/// attention, what the products of queries with keys and of weights with values take.
/// </summary>
internal sealed class ArithmeticCount : IDisposable
{
    private readonly List<Action> detachments = [];

    /// <summary>Counts from now on.</summary>
    /// <param name="network">The network.</param>
    /// <param name="add">Told of the operations of each layer.</param>
    public ArithmeticCount(nn.Module network, Action<double> add)
    {
        foreach ((string name, nn.Module module) in network.named_modules())
        {
            Tensor? weight = module.named_parameters(false).Where(each => each.name == "weight").Select(each => (Tensor)each.parameter).FirstOrDefault();
            if (module is nn.Module<Tensor, Tensor> layer && weight is not null && weight.dim() >= 2)
                detachments.Add(layer.register_forward_hook((_, _, output) => Told(output, 2.0 * weight.numel() * output.numel() / weight.shape[0])).remove);
            if (module is nn.Module<Tensor, Tensor, Tensor> attention && (name.EndsWith("attn1", StringComparison.Ordinal) || name.EndsWith("attn2", StringComparison.Ordinal)))
                detachments.Add(attention.register_forward_hook((_, tokens, context, output) => Told(output, 4.0 * tokens.numel() * context.shape[1])).remove);
        }

        Tensor Told(Tensor output, double flop)
        {
            add(flop);
            return output;
        }
    }

    public void Dispose() => detachments.ForEach(detach => detach());
}
