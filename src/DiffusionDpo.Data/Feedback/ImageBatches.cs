using DiffusionDpo.Data.Images;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Models.Scorers;
using static TorchSharp.torch;

namespace DiffusionDpo.Data.Feedback;

/// <summary>
/// Images and prompts through a scorer's networks, in batches of the scorer's one size: a short one is filled up, so that what comes out for an image
/// does not depend on what else is scored, or on what was there already. Images are decoded by other threads while those before are embedded.
/// </summary>
/// <param name="scorer">The scorer.</param>
/// <param name="threads">Threads that decode.</param>
internal sealed class ImageBatches(Scorer scorer, int threads)
{
    private const int DecodedTogether = 16; // a multiple of every scorer's batch

    private int Size => scorer.BatchSize;

    private int PixelsOfImage => 3 * scorer.ImageSize * scorer.ImageSize;

    /// <summary>Directions of images, [n, P]; and what is wrong with those that cannot be decoded, whose rows mean nothing.</summary>
    public (Tensor Directions, string?[] Reasons) EmbedImages(IReadOnlyList<byte[]> images, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var (reasons, batches) = (new string?[images.Count], new List<Tensor>());
        var next = Decode(images, 0, reasons);
        for (var first = 0; first < images.Count; first += DecodedTogether)
        {
            var pixels = next.GetAwaiter().GetResult();
            next = Decode(images, first + DecodedTogether, reasons);
            for (var from = 0; from < DecodedTogether && first + from < images.Count; from += Size)
            {
                cancellation.ThrowIfCancellationRequested();
                batches.Add(Embed(pixels[(from * PixelsOfImage)..((from + Size) * PixelsOfImage)]));
            }
        }

        return (Rows(batches, images.Count).MoveToOuterDisposeScope(), reasons);
    }

    /// <summary>Directions of prompts, [n, P].</summary>
    public Tensor EmbedPrompts(IReadOnlyList<string> prompts)
    {
        using var scope = NewDisposeScope();
        var batches = prompts.Chunk(Size).Select(batch => scorer.EmbedPrompts([.. batch, .. Enumerable.Repeat("", Size - batch.Length)]));
        return Rows([.. batches], prompts.Count).MoveToOuterDisposeScope();
    }

    /// <summary>Scores of images with prompts.</summary>
    /// <param name="images">Directions of images.</param>
    /// <param name="prompts">Directions of prompts; null where they do not count.</param>
    /// <param name="pairs">Which image with which prompt.</param>
    public float[] Score(Tensor images, Tensor? prompts, IReadOnlyList<(int Image, int Prompt)> pairs)
    {
        using var scope = NewDisposeScope();
        return [.. pairs.Chunk(Size).SelectMany(batch => ScoreBatch([.. batch, .. Enumerable.Repeat(batch[0], Size - batch.Length)]).Take(batch.Length))];

        float[] ScoreBatch((int Image, int Prompt)[] batch)
        {
            var ofImages = images.index_select(0, tensor(batch.Select(pair => (long)pair.Image).ToArray(), device: images.device));
            var ofPrompts = prompts?.index_select(0, tensor(batch.Select(pair => (long)pair.Prompt).ToArray(), device: prompts.device));
            return scorer.Score(ofImages, ofPrompts).to(ScalarType.Float32).cpu().data<float>().ToArray();
        }
    }

    private Tensor Embed(float[] pixels)
    {
        using var batch = tensor(pixels, [Size, 3, scorer.ImageSize, scorer.ImageSize]);
        return scorer.EmbedImages(batch);
    }

    private static Tensor Rows(List<Tensor> batches, int count) => batches.Count == 0 ? empty(0, 1) : cat(batches, 0).narrow(0, 0, count);

    private Task<float[]> Decode(IReadOnlyList<byte[]> images, int first, string?[] reasons) => Task.Run(() =>
    {
        var pixels = new float[DecodedTogether * PixelsOfImage];
        var count = Math.Clamp(images.Count - first, 0, DecodedTogether);
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => reasons[first + i] = Decode(images[first + i], pixels.AsSpan(i * PixelsOfImage, PixelsOfImage)));
        return pixels;
    });

    private string? Decode(byte[] encoded, Span<float> pixels)
    {
        try
        {
            scorer.Preprocess(Sized(ImageDecoder.DecodeWithAlpha(encoded))).CopyTo(pixels);
            return null;
        }
        catch (BadImageException exception)
        {
            return exception.Message;
        }
    }

    private RgbImage Sized(RgbImage image)
    {
        var (shorter, longer) = (Math.Min(image.Width, image.Height), Math.Max(image.Width, image.Height));
        return (long)scorer.ImageSize * scorer.ImageSize * longer / shorter <= ImageDecoder.MaxPixels ? image : throw new BadImageException(
            $"{image.Width}×{image.Height} is too long and narrow for an encoder of squares");
    }
}
