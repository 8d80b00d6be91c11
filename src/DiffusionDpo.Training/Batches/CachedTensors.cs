using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Families;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.UNets;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Batches;

/// <summary>Tensors from the bytes of prepared pairs, as encoding would give them. The networks are asked for their shapes only.</summary>
internal static class CachedTensors
{
    /// <summary>Moments of images [n, 2·C, h, w].</summary>
    /// <param name="autoencoder">Knows C.</param>
    /// <param name="rows">Of each image.</param>
    /// <param name="type">Number format of the rows.</param>
    /// <param name="device">Where they are wanted.</param>
    public static Tensor Moments(AutoencoderKL autoencoder, byte[][] rows, ScalarType type, Device device)
    {
        int channels = 2 * autoencoder.LatentChannels;
        long side = (long)Math.Round(Math.Sqrt(rows[0].Length / (double)(channels * type.ElementSize())));
        return Together(rows, [rows.Length, channels, side, side], type).BroughtTo(device);
    }

    /// <summary>Token states and, where the family has it, the pooled prompt.</summary>
    /// <param name="text">Knows their widths.</param>
    /// <param name="rows">Of each prompt.</param>
    /// <param name="type">Number format of the rows.</param>
    /// <param name="device">Where they are wanted.</param>
    public static Conditioning Prompts(ITextConditioner text, byte[][] rows, ScalarType type, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        long numbers = rows[0].Length / type.ElementSize(), states = numbers - text.PooledWidth;
        Tensor all = Together(rows, [rows.Length, numbers], type).BroughtTo(device);
        Conditioning prompts = new(all.narrow(1, 0, states).reshape(rows.Length, states / text.TextWidth, text.TextWidth).contiguous())
        {
            PooledText = text.PooledWidth > 0 ? all.narrow(1, states, text.PooledWidth).contiguous() : null,
        };
        scope.MoveToOuter(prompts.Tensors());
        return prompts;
    }

    private static Tensor Together(byte[][] rows, long[] shape, ScalarType type)
    {
        Tensor all = empty(shape, type);
        Span<byte> bytes = TorchNative.Bytes(all);
        for (int row = 0; row < rows.Length; row++) rows[row].CopyTo(bytes[(row * rows[row].Length)..]);
        return all;
    }
}
