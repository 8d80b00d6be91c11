using System.Diagnostics;
using System.Runtime.InteropServices;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Pipelines;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Data.Preparation;

/// <summary>Makes rows of the cache: the bytes that live encoding would hand to the same steps. Used by one thread.</summary>
internal sealed class CacheEncoder
{
    private readonly FrozenEncoders _encoders;
    private readonly int _resolution;

    /// <param name="encoders">The frozen networks.</param>
    /// <param name="resolution">Side of the images.</param>
    /// <param name="hasMirrors">Whether a row of an image holds its mirror too.</param>
    public CacheEncoder(FrozenEncoders encoders, int resolution, bool hasMirrors)
    {
        (_encoders, _resolution) = (encoders, resolution);
        Format = encoders.Autoencoder.parameters().First().dtype;
        var side = resolution / encoders.Autoencoder.PixelsPerLatent;
        Images = Layout(PartLayout.Images, hasMirrors ? 2 : 1, [2 * encoders.Autoencoder.LatentChannels, side, side]);
        Prompts = Layout(PartLayout.Prompts, 1, [Prompt("").Length / Format.ElementSize()]);
    }

    /// <summary>Number format of the rows.</summary>
    public ScalarType Format { get; }

    /// <summary>Images: [image and mirror, 2·C, h, w].</summary>
    public PartLayout Images { get; }

    /// <summary>Prompts: [1, numbers of the token states and the pooled prompt].</summary>
    public PartLayout Prompts { get; }

    /// <summary>Images encoded, their mirrors not counted.</summary>
    public long EncodedImages { get; private set; }

    /// <summary>Prompts encoded.</summary>
    public long EncodedPrompts { get; private set; }

    /// <summary>Time spent in the autoencoder.</summary>
    public TimeSpan InAutoencoder { get; private set; }

    /// <summary>Time spent in the text encoders.</summary>
    public TimeSpan InTextEncoders { get; private set; }

    /// <summary>A row of a prompt.</summary>
    public byte[] Prompt(string prompt)
    {
        using var scope = NewDisposeScope();
        var started = Stopwatch.GetTimestamp();
        var told = _encoders.Prompts([prompt]);
        var row = told.PooledText is { } pooled ? cat([told.TextStates.flatten(), pooled.flatten()]) : told.TextStates.flatten();
        var bytes = TorchNative.Bytes(row.cpu().contiguous()).ToArray();
        EncodedPrompts++;
        InTextEncoders += Stopwatch.GetElapsedTime(started);
        return bytes;
    }

    /// <summary>A row of an image.</summary>
    /// <param name="squares">3·R·R values of the image and, where wanted, of its mirror.</param>
    public byte[] Image(float[][] squares)
    {
        using var scope = NewDisposeScope();
        var started = Stopwatch.GetTimestamp();
        var images = empty([squares.Length, 3, _resolution, _resolution], ScalarType.Float32);
        var all = MemoryMarshal.Cast<byte, float>(TorchNative.Bytes(images));
        foreach (var (number, square) in squares.Index()) square.CopyTo(all[(number * square.Length)..]);
        var moments = _encoders.Moments(images.to(Format).to(_encoders.Autoencoder.parameters().First().device)).cpu();
        var bytes = TorchNative.Bytes(moments).ToArray();
        EncodedImages++;
        InAutoencoder += Stopwatch.GetElapsedTime(started);
        return bytes;
    }

    private PartLayout Layout(string kind, int pieces, long[] shape) =>
        new(kind, pieces, shape, (int)(shape.Aggregate(1L, (product, size) => product * size) * Format.ElementSize()));
}
