using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.Tokenizers;
using DiffusionDpo.Models.UNets;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Pipelines;

/// <summary>
/// Stable Diffusion 1.x from prompts to images: text encoder, guided denoising, decoder. Deterministic: the noise to start from is given.
/// All networks are on one device and in one number format.
/// </summary>
/// <param name="tokenizer">Prompts to ids.</param>
/// <param name="textEncoder">Ids to text states.</param>
/// <param name="unet">The denoising network.</param>
/// <param name="autoencoder">Latents to images.</param>
/// <param name="schedule">The schedule the UNet was trained on.</param>
public sealed class StableDiffusionPipeline(
    ClipTokenizer tokenizer, ClipTextModel textEncoder, UNet2DConditionModel unet, AutoencoderKL autoencoder, NoiseSchedule schedule)
    : IDisposable
{
    private const string PipelineClass = "StableDiffusionPipeline";

    /// <summary>The tokenizer.</summary>
    public ClipTokenizer Tokenizer => tokenizer;

    /// <summary>The text encoder.</summary>
    public ClipTextModel TextEncoder => textEncoder;

    /// <summary>The denoising network.</summary>
    public UNet2DConditionModel UNet => unet;

    /// <summary>The autoencoder.</summary>
    public AutoencoderKL Autoencoder => autoencoder;

    /// <summary>The noise schedule.</summary>
    public NoiseSchedule Schedule => schedule;

    /// <summary>Loads a model for sampling; its parameters are frozen and, where the format allows, stay in the mapped files.</summary>
    /// <param name="directory">A model in diffusers layout.</param>
    /// <param name="device">Where it computes; null: the CPU.</param>
    /// <param name="type">The number format it computes in.</param>
    /// <exception cref="RunException">The directory is not a Stable Diffusion 1.x model, or a part of it is missing, malformed or unsupported.</exception>
    public static StableDiffusionPipeline Load(string directory, Device? device = null, ScalarType type = ScalarType.Float32)
    {
        ModelDirectory model = ModelDirectory.Open(directory);
        if (model.PipelineClass != PipelineClass)
        {
            throw new RunException(
                ExitClass.ConfigurationError, $"{directory}: {ModelDirectory.IndexName} names a {model.PipelineClass}; only a {PipelineClass} is supported");
        }

        string Config(string component) => model.FilePath(component, "config.json");
        return new(
            ClipTokenizer.Load(model.ComponentPath("tokenizer")),
            Loaded(new ClipTextModel(ClipTextConfig.FromFile(Config("text_encoder")), META), "text_encoder"),
            Loaded(new UNet2DConditionModel(UNetConfig.FromFile(Config("unet")), META), "unet"),
            Loaded(new AutoencoderKL(AutoencoderConfig.FromFile(Config("vae")), META), "vae"),
            NoiseSchedule.Load(directory, device));

        T Loaded<T>(T network, string component)
            where T : nn.Module
        {
            using Weights weights = model.OpenWeights(component);
            StrictLoader.Load(network, weights, LoadMode.Map, type);
            network.eval();
            return device is null ? network : (T)network.to(device);
        }
    }

    /// <summary>The text states of prompts.</summary>
    /// <param name="prompts">n prompts.</param>
    /// <returns>n × 77 × C: the text encoder's last hidden state.</returns>
    public Tensor EncodePrompts(IReadOnlyList<string> prompts)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor ids = tokenizer.Encode(prompts, Like.device);
        return textEncoder.call(ids).LastHiddenState.MoveToOuterDisposeScope();
    }

    /// <summary>The shape of the noise that a request starts from: prompts × C × h × w.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="RunException">User error: there is no prompt, or the size is not a multiple of what one latent value spans.</exception>
    public long[] LatentShape(SampleRequest request)
    {
        int span = autoencoder.PixelsPerLatent;
        if (request.Prompts.Count == 0) throw new RunException(ExitClass.UserError, "there is no prompt; give one or more");
        if (request is { Width: <= 0 } or { Height: <= 0 } || request.Width % span != 0 || request.Height % span != 0)
            throw new RunException(ExitClass.UserError, $"an image of {request.Width} x {request.Height} pixels cannot be drawn; give multiples of {span}");
        return [request.Prompts.Count, autoencoder.LatentChannels, request.Height / span, request.Width / span];
    }

    /// <summary>Draws images.</summary>
    /// <param name="request">What to draw, and how.</param>
    /// <param name="initNoise">Unit noise of <see cref="LatentShape"/>; the sampler scales it.</param>
    /// <param name="afterStep">Called after each step with its index, from 0, and the latents, which live until the call of this method returns.</param>
    /// <returns>prompts × 3 × height × width, in [0, 1].</returns>
    /// <exception cref="RunException">User error: no such sampler, too many steps, or a size that cannot be drawn.</exception>
    public Tensor Sample(SampleRequest request, Tensor initNoise, Action<int, Tensor>? afterStep = null)
    {
        if (!initNoise.shape.SequenceEqual(LatentShape(request)))
            throw new ArgumentException($"the noise is [{string.Join(", ", initNoise.shape)}], not of the request's latent shape", nameof(initNoise));
        ISampler sampler = Samplers.Create(request.Sampler, schedule, request.Steps);
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Guidance guidance = new(this, request);
        Tensor latents = initNoise.to(Like.dtype, Like.device) * sampler.InitNoiseSigma;
        for (int step = 0; step < sampler.Timesteps.Count; step++)
        {
            latents = Advance(latents, sampler, step, guidance);
            afterStep?.Invoke(step, latents);
        }

        return Decode(latents).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        textEncoder.Dispose();
        unet.Dispose();
        autoencoder.Dispose();
        schedule.Dispose();
    }

    // stands for the device and number format of all networks
    private Tensor Like => unet.parameters().First();

    private static Tensor Advance(Tensor latents, ISampler sampler, int step, Guidance guidance)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor prediction = guidance.Predict(sampler.ScaleInput(latents, step), sampler.Timesteps[step]);
        return sampler.Step(prediction, latents, step).MoveToOuterDisposeScope();
    }

    private Tensor Decode(Tensor latents)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = autoencoder.Decode(latents / autoencoder.ScalingFactor); // in [−1, 1]
        return (images / 2 + 0.5).clamp_(0, 1).MoveToOuterDisposeScope();
    }
}
