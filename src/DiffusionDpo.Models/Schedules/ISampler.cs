using static TorchSharp.torch;

namespace DiffusionDpo.Models.Schedules;

/// <summary>
/// One run of the reverse process: from noise to clean latents in a fixed number of network evaluations. An instance serves one trajectory,
/// because multistep samplers remember earlier predictions; it draws nothing at random.
/// </summary>
public interface ISampler
{
    /// <summary>What the network is told at each evaluation, first to last; Euler's may lie between training timesteps.</summary>
    IReadOnlyList<float> Timesteps { get; }

    /// <summary>Standard deviation of the noise to start from; unit noise is multiplied by it.</summary>
    float InitNoiseSigma { get; }

    /// <summary>The latents as the network wants to see them at this step.</summary>
    /// <param name="latents">The latents of the trajectory, n × C × h × w.</param>
    /// <param name="step">Index into <see cref="Timesteps"/>.</param>
    Tensor ScaleInput(Tensor latents, int step);

    /// <summary>ᾱ of what the network sees at this step: the share of the signal in its variance.</summary>
    /// <param name="step">Index into <see cref="Timesteps"/>.</param>
    float AlphaAt(int step);

    /// <summary>The latents after this step. Steps are taken in order, each once.</summary>
    /// <param name="prediction">
    /// The noise in the latents by the network's prediction, made in a dispose scope for this step within that of the trajectory: a multistep sampler keeps
    /// it by moving it to the latter.
    /// </param>
    /// <param name="latents">The latents before the step, not scaled; they live in the scope of the trajectory.</param>
    /// <param name="step">Index into <see cref="Timesteps"/>.</param>
    Tensor Step(Tensor prediction, Tensor latents, int step);
}
