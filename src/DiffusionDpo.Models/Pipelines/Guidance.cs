using DiffusionDpo.Models.UNets;
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
    private readonly Scalar scale;
    private readonly bool guides;
    private readonly Conditioning conditioning; // of 2n or n rows; negative prompts first

    /// <summary>Encodes the prompts; they live in the dispose scope this is made in.</summary>
    public Guidance(StableDiffusionPipeline pipeline, SampleRequest request)
    {
        this.pipeline = pipeline;
        scale = request.GuidanceScale;
        guides = request.GuidanceScale > 1;
        Conditioning wanted = pipeline.Condition(request, isAvoided: false);
        conditioning = guides ? pipeline.Condition(request, isAvoided: true).Followed(wanted) : wanted;
    }

    /// <summary>The guided prediction of the noise in latents [n, C, h, w] as the network sees them.</summary>
    /// <param name="latents">Of variance about 1.</param>
    /// <param name="timestep">What the network is told.</param>
    /// <param name="alpha">ᾱ of the latents.</param>
    public Tensor Predict(Tensor latents, float timestep, float alpha)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = guides ? cat([latents, latents]) : latents;
        Tensor timesteps = full(input.shape[0], timestep, ScalarType.Float32, input.device);
        Tensor prediction = pipeline.UNet.call(input, timesteps, conditioning);
        if (guides)
        {
            Tensor[] halves = prediction.chunk(2);
            (Tensor away, Tensor towards) = (halves[0], halves[1]);
            prediction = away + ((towards - away) * scale);
        }

        // a refiner of another family may predict otherwise: what is sampled is the noise
        return pipeline.Schedule.NoiseOf(prediction, latents, alpha).MoveToOuterDisposeScope();
    }
}
