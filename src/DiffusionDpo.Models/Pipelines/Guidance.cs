using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Pipelines;

/// <summary>
/// Classifier-free guidance (Ho and Salimans 2022, eq. 6) for one request: the UNet sees every latent twice in one batch, with the negative
/// prompt and with the prompt; without guidance once.
/// </summary>
internal sealed class Guidance
{
    private readonly StableDiffusionPipeline pipeline;
    private readonly double scale;
    private readonly bool guides;
    private readonly Tensor text; // [2n or n, 77, C]; negative prompts first

    /// <summary>Encodes the prompts; they live in the dispose scope this is made in.</summary>
    public Guidance(StableDiffusionPipeline pipeline, SampleRequest request)
    {
        this.pipeline = pipeline;
        scale = request.GuidanceScale;
        guides = scale > 1;
        text = pipeline.EncodePrompts(guides ? [.. request.Prompts.Select(_ => request.NegativePrompt), .. request.Prompts] : request.Prompts);
    }

    /// <summary>The guided prediction of the noise in latents [n, C, h, w].</summary>
    public Tensor Predict(Tensor latents, float timestep)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = guides ? cat([latents, latents]) : latents;
        Tensor timesteps = full(input.shape[0], timestep, ScalarType.Float32, input.device);
        Tensor noise = pipeline.UNet.call(input, timesteps, text);
        if (!guides) return noise.MoveToOuterDisposeScope();
        Tensor[] halves = noise.chunk(2);
        (Tensor away, Tensor towards) = (halves[0], halves[1]);
        return (away + scale * (towards - away)).MoveToOuterDisposeScope();
    }
}
