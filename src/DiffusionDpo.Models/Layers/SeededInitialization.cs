using System.Runtime.InteropServices;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layers;

/// <summary>
/// Fills a network that is to be trained from scratch: the distributions are PyTorch's defaults, the draws the caller's, so that the result is
/// the same on every machine and independent of libtorch's generator.
/// </summary>
public static class SeededInitialization
{
    /// <summary>
    /// Replaces every parameter by a new one on the CPU, float32; the network may stand on the meta device. Linear layers and convolutions are
    /// uniform in ±1/√(inputs of one output), embeddings standard normal, norms one and zero. Parameters are visited in the order of their names.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="uniform">Fills a span with independent draws from [0, 1).</param>
    public static void Fill(nn.Module network, Action<Span<float>> uniform)
    {
        Dictionary<string, nn.Module> owners = network.named_modules().ToDictionary(each => each.name + ".", each => each.module);
        foreach (ParameterSlot slot in ParameterSlot.Of(network).OrderBy(slot => slot.Name, StringComparer.Ordinal))
        {
            string localName = slot.Name[(slot.Name.LastIndexOf('.') + 1)..];
            Tensor values = empty(slot.Current.shape, ScalarType.Float32, CPU);
            Span<float> span = MemoryMarshal.Cast<byte, float>(TorchNative.Bytes(values));
            Draw(owners[slot.Name[..^localName.Length]], isWeight: localName == "weight", span, uniform);
            slot.Replace(new Parameter(values));
        }
    }

    private static void Draw(nn.Module owner, bool isWeight, Span<float> values, Action<Span<float>> uniform)
    {
        switch (owner)
        {
            case Linear linear:
                Uniform(values, linear.in_features, uniform);
                break;
            case Convolution2D convolution:
                Uniform(values, convolution.weight.shape[1..].Aggregate((a, b) => a * b), uniform);
                break;
            case TokenEmbedding:
                Normal(values, uniform);
                break;
            case GroupNorm or LayerNorm:
                values.Fill(isWeight ? 1 : 0);
                break;
            default:
                throw new InvalidOperationException($"no initialisation is known for the parameters of {owner.GetType()}");
        }
    }

    private static void Uniform(Span<float> values, long inputs, Action<Span<float>> uniform)
    {
        double bound = 1 / Math.Sqrt(inputs);
        uniform(values);
        foreach (ref float value in values) value = (float)(bound * ((2.0 * value) - 1));
    }

    /// <summary>Box–Muller: two normal values from two uniform ones.</summary>
    private static void Normal(Span<float> values, Action<Span<float>> uniform)
    {
        Span<float> pair = stackalloc float[2];
        for (int i = 0; i < values.Length; i += 2)
        {
            uniform(pair);
            double radius = Math.Sqrt(-2 * Math.Log(1.0 - pair[0]));
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * pair[1]);
            values[i] = (float)(radius * cosine);
            if (i + 1 < values.Length) values[i + 1] = (float)(radius * sine);
        }
    }
}
