using System.Runtime.InteropServices;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Pipelines;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Cli.Sampling;

/// <summary>Noise to start from that is a function of seed and number alone: the same for every model.</summary>
internal static class NumberedNoise
{
    /// <summary>Draws one image.</summary>
    /// <param name="pipeline">The model.</param>
    /// <param name="request">One prompt.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="number">Number of the image, from 0.</param>
    /// <param name="refinement">A model that takes the last steps; null: none.</param>
    public static RgbImage Draw(StableDiffusionPipeline pipeline, SampleRequest request, long seed, int number, Refinement? refinement = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor noise = empty(pipeline.LatentShape(request));
        new CounterRandom(seed, 0, number, DrawPurpose.Sampling).FillGaussian(MemoryMarshal.Cast<byte, float>(TorchNative.Bytes(noise)));
        return RgbImage.From(pipeline.Sample(request, noise, refinement: refinement)[0]);
    }
}
