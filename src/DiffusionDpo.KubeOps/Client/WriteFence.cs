namespace DiffusionDpo.KubeOps.Client;

/// <summary>
/// Whether this process may write: a token that ends what is under way, and the clock for what is about to leave. The token alone would be
/// late where timers are late: in a process that is starved, or was paused.
/// </summary>
/// <param name="isOpen">Whether this process may write, by the clock.</param>
/// <param name="closed">Cancelled when it may not any more.</param>
public sealed class WriteFence(Func<bool> isOpen, CancellationToken closed)
{
    /// <summary>The fence of a process that is alone: always open.</summary>
    public static WriteFence None { get; } = new(() => true, CancellationToken.None);

    /// <summary>The fence of a process that does not lead: always closed.</summary>
    public static WriteFence Shut { get; } = new(() => false, new CancellationToken(canceled: true));

    /// <summary>Cancelled when this process may not write any more.</summary>
    public CancellationToken Closed { get; } = closed;

    /// <summary>Whether a write may leave now.</summary>
    public bool IsOpen => !Closed.IsCancellationRequested && isOpen();

    /// <summary>Called just before a write leaves.</summary>
    /// <exception cref="OperationCanceledException">It may not.</exception>
    public void ThrowIfClosed()
    {
        if (!IsOpen) throw new OperationCanceledException("this process does not lead (any more): nothing is written", Closed);
    }
}
