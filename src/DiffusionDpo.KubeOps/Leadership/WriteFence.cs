namespace DiffusionDpo.KubeOps.Leadership;

/// <summary>Whether this process may write. Cancelled at the moment at which another may.</summary>
internal sealed class WriteFence
{
    /// <summary>Cancelled when no write may leave this process any more.</summary>
    public CancellationToken Token { get; set; } = CancellationToken.None;
}
