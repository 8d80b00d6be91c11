using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Reconciling;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DiffusionDpo.KubeOps.Builder;

/// <summary>Runs an operator: caches first, then, once they are complete and this process may write, the controllers.</summary>
internal sealed class OperatorService(
    IEnumerable<IReflector> reflectors,
    IEnumerable<IEntityLoop> loops,
    IEnumerable<IOwnership> ownerships,
    WrittenObjects written,
    ILogger<OperatorService> log) : BackgroundService
{
    private readonly IReadOnlyList<IReflector> _reflectors = [.. reflectors];
    private readonly IReadOnlyList<IEntityLoop> _loops = [.. loops];

    /// <summary>Complete once every cache holds its first list.</summary>
    public Task Synced => Task.WhenAll(_reflectors.Select(reflector => reflector.Synced));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        written.Join(_reflectors);
        foreach (var ownership in ownerships) ownership.Join();
        using var watching = new CancellationTokenSource();
        var watches = _reflectors.Select(reflector => Task.Run(() => reflector.RunAsync(watching.Token), CancellationToken.None)).ToList();
        try
        {
            await Synced.WaitAsync(stoppingToken).ConfigureAwait(false);
            log.LogInformation("Caches are complete: {Kinds}", string.Join(", ", _reflectors.Select(reflector => reflector.Kind)));
            GiveBack();
            await Task.WhenAll(_loops.Select(loop => loop.RunAsync(stoppingToken))).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop before the caches were complete: nothing has begun.
        }
        finally
        {
            // What still runs down may need to see what it wrote.
            await watching.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(watches).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Lists of a large cluster leave hundreds of megabytes of garbage, and what follows makes too little to have it collected soon. Once,
    /// before the work begins, a full collection costs nobody anything.
    /// </summary>
    private static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
