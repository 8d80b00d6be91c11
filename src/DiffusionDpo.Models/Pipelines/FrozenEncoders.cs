using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Families;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.UNets;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Pipelines;

/// <summary>
/// The frozen parts of a model that encode pairs. Every image and every prompt is encoded in a call of its own: kernels round differently for other
/// batches, and what is made of an image must depend neither on its batch nor on whether it was made before the run or in it.
/// </summary>
/// <param name="text">Prompts to what the UNet is told.</param>
/// <param name="autoencoder">Images to latents.</param>
public sealed class FrozenEncoders(ITextConditioner text, AutoencoderKL autoencoder) : IDisposable
{
    /// <summary>Prompts to what the UNet is told.</summary>
    public ITextConditioner Text => text;

    /// <summary>Images to latents.</summary>
    public AutoencoderKL Autoencoder => autoencoder;

    /// <summary>Loads them, without the UNet.</summary>
    /// <param name="directory">A model in diffusers layout.</param>
    /// <param name="device">Where they compute.</param>
    /// <param name="type">The number format they compute in.</param>
    /// <param name="wanted">The family that the model is said to be.</param>
    /// <exception cref="RunException">As of <see cref="StableDiffusionPipeline.Load"/>.</exception>
    public static FrozenEncoders Load(string directory, Device device, ScalarType type, ModelFamily wanted)
    {
        StableDiffusionPipeline.Examine(directory, wanted);
        ModelDirectory model = ModelDirectory.Open(directory);
        using NoiseSchedule schedule = NoiseSchedule.Load(directory);
        ComponentLoader loader = new(model, type, device);
        ITextConditioner text = FamilyList.Of(model, schedule.Config.PredictionType, wanted).LoadText(loader);
        return new(text, loader.Load("vae", file => new AutoencoderKL(AutoencoderConfig.FromFile(file), META)));
    }

    /// <summary>Mean and logarithm of the variance of the latents of images.</summary>
    /// <param name="images">[N, 3, H, W] in [−1, 1], in the autoencoder's number format.</param>
    /// <returns>[N, 2·C, h, w].</returns>
    public Tensor Moments(Tensor images)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return cat([.. Enumerable.Range(0, (int)images.shape[0]).Select(i => autoencoder.Moments(images.narrow(0, i, 1)))]).MoveToOuterDisposeScope();
    }

    /// <summary>Token states and, where the family has it, the pooled prompt of prompts.</summary>
    /// <param name="prompts">n prompts.</param>
    public Conditioning Prompts(IReadOnlyList<string> prompts)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Conditioning[] each = [.. prompts.Select(prompt => text.Encode([prompt]))];
        Conditioning all = new(cat([.. each.Select(one => one.TextStates)]))
        {
            PooledText = each[0].PooledText is null ? null : cat([.. each.Select(one => one.PooledText!)]),
        };
        scope.MoveToOuter(all.Tensors());
        return all;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        text.Dispose();
        autoencoder.Dispose();
    }
}
