using System.Runtime.InteropServices;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Pipelines;
using Shapes.Drawing;
using TorchSharp;
using static TorchSharp.torch;

namespace Shapes.Judging;

/// <summary>Samples of a model: the three prompts in turn, starting from the same noise for every model.</summary>
internal static class Gallery
{
    private const long Seed = 5;
    private const int Batch = 64;
    private const int Steps = 25;

    /// <summary>Draws samples.</summary>
    /// <param name="model">A model directory.</param>
    /// <param name="count">How many.</param>
    public static IReadOnlyList<(ShapeKind Asked, RgbImage Image)> Draw(string model, int count)
    {
        using StableDiffusionPipeline pipeline = StableDiffusionPipeline.Load(model);
        return [.. Enumerable.Range(0, count).Chunk(Batch).SelectMany(indices => Draw(pipeline, indices))];
    }

    /// <summary>Writes images side by side as one PNG.</summary>
    public static void Write(string path, IReadOnlyList<RgbImage> images, int columns)
    {
        (int width, int height) = (images[0].Width, images[0].Height);
        int rows = (images.Count + columns - 1) / columns;
        byte[] sheet = new byte[rows * height * columns * width * 3];
        Array.Fill(sheet, byte.MaxValue);
        foreach ((int at, RgbImage image) in images.Index())
        for (int y = 0; y < height; y++)
        {
            int to = (((at / columns * height) + y) * columns * width) + (at % columns * width);
            image.Pixels.AsSpan(3 * y * width, 3 * width).CopyTo(sheet.AsSpan(3 * to));
        }

        File.WriteAllBytes(path, ImageEncoder.Png(new RgbImage(sheet, columns * width, rows * height)));
    }

    private static IEnumerable<(ShapeKind, RgbImage)> Draw(StableDiffusionPipeline pipeline, int[] indices)
    {
        using DisposeScope scope = NewDisposeScope();
        SampleRequest request = new()
        {
            Prompts = [.. indices.Select(i => Kind(i).Prompt())],
            Steps = Steps,
            GuidanceScale = 1,
            Sampler = "ddim",
            Width = pipeline.ImageSize,
            Height = pipeline.ImageSize,
        };
        Tensor noise = empty(pipeline.LatentShape(request));
        Span<float> values = MemoryMarshal.Cast<byte, float>(TorchNative.Bytes(noise));
        int each = values.Length / indices.Length;
        for (int i = 0; i < indices.Length; i++)
            new CounterRandom(Seed, 0, indices[i], DrawPurpose.Sampling).FillGaussian(values.Slice(i * each, each));
        Tensor images = pipeline.Sample(request, noise);
        return [.. indices.Select((index, i) => (Kind(index), RgbImage.From(images[i])))];
    }

    private static ShapeKind Kind(int index) => (ShapeKind)(index % 3);
}
