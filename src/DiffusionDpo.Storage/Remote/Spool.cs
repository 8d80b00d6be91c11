namespace DiffusionDpo.Storage.Remote;

/// <summary>Content that has to go in one request: in memory as long as it is small, then in a file that vanishes with it.</summary>
internal static class Spool
{
    /// <summary>Lets content write itself, and goes back to its start.</summary>
    /// <param name="content">The content.</param>
    /// <param name="cancellation">Abandons it.</param>
    public static async Task<Stream> FillAsync(ObjectContent content, CancellationToken cancellation)
    {
        var spool = new SpoolStream(PartPlan.FirstBytes);
        try
        {
            await content(spool, cancellation).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            return spool.Finish();
        }
        catch
        {
            await spool.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
