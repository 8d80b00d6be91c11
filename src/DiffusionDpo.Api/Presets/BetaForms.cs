namespace DiffusionDpo.Api.Presets;

/// <summary>The two ways in which β is written.</summary>
public static class BetaForms
{
    // The VAE of both families makes 4 channels at an eighth of the resolution.
    private const int LatentChannels = 4;
    private const int LatentScale = 8;

    /// <summary>
    /// β of the paper's sum form (eq. 14 with squared norms) for a β on mean-squared errors: ½·β/d for the
    /// d = 4·(resolution/8)² elements of a latent.
    /// </summary>
    /// <param name="beta">β in code units.</param>
    /// <param name="resolution">Side of the training images in pixels.</param>
    public static double Sum(double beta, int resolution)
    {
        double side = resolution / LatentScale;
        return 0.5 * beta / (LatentChannels * side * side);
    }
}
