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
/// A model of any family from prompts to images: text encoders, guided denoising, decoder. Deterministic: the noise to start from is given.
/// All networks are on one device and in one number format.
/// </summary>
/// <param name="family">Its family.</param>
/// <param name="text">Prompts and image sizes to what the UNet is told.</param>
/// <param name="unet">The denoising network.</param>
/// <param name="autoencoder">Latents to images.</param>
/// <param name="schedule">The schedule the UNet was trained on.</param>
public sealed class StableDiffusionPipeline(
    Family family, ITextConditioner text, UNet2DConditionModel unet, AutoencoderKL autoencoder, NoiseSchedule schedule)
    : IDisposable
{
    /// <summary>Its family.</summary>
    public Family Family => family;

    /// <summary>Prompts and image sizes to what the UNet is told.</summary>
    public ITextConditioner Text => text;

    /// <summary>The denoising network.</summary>
    public UNet2DConditionModel UNet => unet;

    /// <summary>The autoencoder.</summary>
    public AutoencoderKL Autoencoder => autoencoder;

    /// <summary>Text encoders and autoencoder as they encode pairs.</summary>
    public FrozenEncoders Encoders { get; } = new(text, autoencoder);

    /// <summary>The noise schedule.</summary>
    public NoiseSchedule Schedule => schedule;

    /// <summary>Number format of all networks.</summary>
    public ScalarType Format { get; private init; } = unet.parameters().First().dtype;

    /// <summary>Where all networks compute.</summary>
    public Device Device { get; private init; } = unet.parameters().First().device;

    /// <summary>Side in pixels of the square images that the model was made for.</summary>
    public int ImageSize => unet.Config.SampleSize * autoencoder.PixelsPerLatent;

    /// <summary>Loads a model for sampling; its parameters are frozen and, where the format allows, stay in the mapped files.</summary>
    /// <param name="directory">A model in diffusers layout.</param>
    /// <param name="device">Where it computes; null: the CPU.</param>
    /// <param name="type">The number format it computes in.</param>
    /// <param name="wanted">The family that it is said to be; null: any that is known.</param>
    /// <param name="unet">Where the UNet's parameters are.</param>
    /// <param name="withEncoders">Whether images and prompts are to be encoded; otherwise autoencoder and text encoders are outlines without weights.</param>
    /// <param name="withUNet">Whether the UNet is needed; otherwise it is an outline.</param>
    /// <exception cref="RunException">
    /// Configuration error: it is of no known family or not of the wanted one, its parts are of different families, or a part is unsupported.
    /// Input missing or data error: a part is missing or malformed.
    /// </exception>
    public static StableDiffusionPipeline Load(string directory, Device? device = null, ScalarType type = ScalarType.Float32, ModelFamily? wanted = null, LoadMode unet = LoadMode.Map, bool withEncoders = true, bool withUNet = true)
    {
        (Family family, UNetConfig config, NoiseSchedule schedule) = Outline(directory, device, wanted);
        ComponentLoader loader = new(ModelDirectory.Open(directory), type, device);
        ComponentLoader encoders = loader with { IsOutline = !withEncoders }, denoiser = loader with { IsOutline = !withUNet };
        ITextConditioner text = family.LoadText(encoders);
        return new(
            family, text, denoiser.Load("unet", _ => new UNet2DConditionModel(config, META), unet),
            encoders.Load("vae", file => new AutoencoderKL(AutoencoderConfig.FromFile(file), META)), schedule) { Format = type, Device = device ?? CPU };
    }

    /// <summary>Refuses what <see cref="Load"/> would, as far as configurations tell; no weights are looked at.</summary>
    /// <param name="directory">A model in diffusers layout.</param>
    /// <param name="wanted">The family that it is said to be; null: any that is known.</param>
    /// <exception cref="RunException">As of <see cref="Load"/>.</exception>
    public static void Examine(string directory, ModelFamily? wanted = null) => Outline(directory, null, wanted).Schedule.Dispose();

    /// <summary>What the UNet is told of images to be drawn.</summary>
    /// <param name="request">What to draw.</param>
    /// <param name="isAvoided">What guidance leads away from, instead of the prompts.</param>
    internal Conditioning Condition(SampleRequest request, bool isAvoided)
    {
        int count = request.Prompts.Count;
        Conditioning told = !isAvoided ? text.Encode(request.Prompts)
            : request.NegativePrompt is { } negative ? text.Encode([.. Enumerable.Repeat(negative, count)])
            : text.EncodeNothing(count);
        return told with { TimeIds = text.Sizes([.. Enumerable.Repeat(ImageSizes.Whole(request.Height, request.Width), count)], isAvoided) };
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
    /// <param name="refinement">Another model that takes the last steps; null: none.</param>
    /// <returns>prompts × 3 × height × width, in [0, 1].</returns>
    /// <exception cref="RunException">User error: no such sampler, too many steps, or a size that cannot be drawn.</exception>
    public Tensor Sample(SampleRequest request, Tensor initNoise, Action<int, Tensor>? afterStep = null, Refinement? refinement = null)
    {
        if (!initNoise.shape.SequenceEqual(LatentShape(request)))
            throw new ArgumentException($"the noise is [{string.Join(", ", initNoise.shape)}], not of the request's latent shape", nameof(initNoise));
        refinement?.RefuseUnlessFor(this);
        ISampler sampler = Samplers.Create(request.Sampler, schedule, request.Steps);
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Guidance guidance = new(this, request);
        Guidance? refining = refinement is null ? null : new(refinement.Model, request);
        Tensor latents = initNoise.to(Format, Device) * sampler.InitNoiseSigma;
        for (int step = 0; step < sampler.Timesteps.Count; step++)
        {
            bool isRefined = refinement is not null && sampler.Timesteps[step] < refinement.FirstTimestep(schedule);
            latents = Advance(latents, sampler, step, isRefined ? refining! : guidance);
            afterStep?.Invoke(step, latents);
        }

        return Decode(latents).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Encoders.Dispose();
        unet.Dispose();
        schedule.Dispose();
    }

    private static (Family Family, UNetConfig UNet, NoiseSchedule Schedule) Outline(string directory, Device? device, ModelFamily? wanted)
    {
        ModelDirectory model = ModelDirectory.Open(directory);
        NoiseSchedule schedule = NoiseSchedule.Load(directory, device);
        Family family = FamilyList.Of(model, schedule.Config.PredictionType, wanted);
        UNetConfig config = UNetConfig.FromFile(model.FilePath("unet", "config.json"));
        using ITextConditioner outline = family.LoadText(new(model, ScalarType.Float32, null) { IsOutline = true });
        RefuseMixture(directory, outline, config);
        return (family, config, schedule);
    }

    private static void RefuseMixture(string directory, ITextConditioner text, UNetConfig config)
    {
        int encoded = config.AdditionTimeEmbedDim ?? 0;
        (string What, long Given, long Taken)[] widths =
        [
            ("token states", text.TextWidth, config.CrossAttentionDim[0]),
            ("pooled text and sizes", text.PooledWidth + (text.SizeNumbers * encoded), config.ProjectionClassEmbeddingsInputDim ?? 0),
        ];
        string[] off = [.. widths.Where(each => each.Given != each.Taken).Select(each => $"its text encoders give {each.What} of width {each.Given}, its unet takes {each.Taken}")];
        if (off.Length > 0) throw new RunException(ExitClass.ConfigurationError, $"{directory} mixes parts of different models: {string.Join("; ", off)}; fetch the whole model again");
    }

    private static Tensor Advance(Tensor latents, ISampler sampler, int step, Guidance guidance)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor noise = guidance.Predict(sampler.ScaleInput(latents, step), sampler.Timesteps[step], sampler.AlphaAt(step));
        return sampler.Step(noise, latents, step).MoveToOuterDisposeScope();
    }

    private Tensor Decode(Tensor latents)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = autoencoder.Decode(latents / autoencoder.ScalingFactor); // in [−1, 1]
        return (images / 2 + 0.5).clamp_(0, 1).MoveToOuterDisposeScope();
    }
}
