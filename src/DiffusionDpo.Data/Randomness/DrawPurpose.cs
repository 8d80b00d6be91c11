namespace DiffusionDpo.Data.Randomness;

/// <summary>
/// What a random number is for. It is part of the generator's counter, so two purposes never share a number.
/// The values are a contract: changing one changes every later run's draws.
/// </summary>
public enum DrawPurpose
{
    /// <summary>The order of the pairs within an epoch.</summary>
    Order = 1,

    /// <summary>The timestep of a pair, one draw for winner and loser.</summary>
    Timestep = 2,

    /// <summary>The noise ε of a pair, one tensor for winner and loser.</summary>
    Noise = 3,

    /// <summary>The sample of the VAE posterior of the winner.</summary>
    WinnerPosterior = 4,

    /// <summary>The sample of the VAE posterior of the loser.</summary>
    LoserPosterior = 5,

    /// <summary>The horizontal flip of a pair or, drawn twice in the order winner, loser, of each image.</summary>
    Flip = 6,

    /// <summary>The place of a random crop.</summary>
    Crop = 7,

    /// <summary>Whether a caption is replaced by the empty one.</summary>
    CaptionDropout = 8,

    /// <summary>The timesteps of the held-out evaluation.</summary>
    HeldOutTimestep = 9,

    /// <summary>The noise of the held-out evaluation.</summary>
    HeldOutNoise = 10,

    /// <summary>The VAE posterior of the winner in the held-out evaluation.</summary>
    HeldOutWinnerPosterior = 11,

    /// <summary>The VAE posterior of the loser in the held-out evaluation.</summary>
    HeldOutLoserPosterior = 12,

    /// <summary>Initial values of new parameters.</summary>
    Initialization = 13,

    /// <summary>Starting latents and step noise of image sampling.</summary>
    Sampling = 14,

    /// <summary>Resampling for confidence intervals.</summary>
    Bootstrap = 15,

    /// <summary>Synthetic data sets.</summary>
    Synthesis = 16,
}
