using KubeApi.Errors;

namespace KubeApi.Reads;

/// <summary>A read at least as new as a version waits for it a little while, then gives up.</summary>
internal static class Freshness
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task WaitAsync(ApiServer server, long version, CancellationToken cancellation)
    {
        if (server.Store.ResourceVersion >= version)
            return;
        using var late = new CancellationTokenSource(Patience, server.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            while (server.Store.ResourceVersion < version)
                await server.Store.AllChanges(server.Store.ResourceVersion).Next.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            throw Refusals.TooLarge(version, server.Store.ResourceVersion);
        }
    }
}
