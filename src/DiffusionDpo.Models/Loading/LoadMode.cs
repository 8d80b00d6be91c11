namespace DiffusionDpo.Models.Loading;

/// <summary>Where the parameters of a loaded module stand.</summary>
public enum LoadMode
{
    /// <summary>In fresh memory; they require gradients as before.</summary>
    Copy,

    /// <summary>
    /// In the mapped file, which stays mapped while they live: no second copy, and pages come from disk when they are first used.
    /// Frozen. Parameters whose stored type differs are converted copies.
    /// </summary>
    Map,
}
