using Microsoft.Extensions.Hosting;

namespace DiffusionDpo.KubeOps.Health;

/// <summary>
/// Leaves signals to the process. The default would stop the endpoints at SIGTERM, in the middle of the drain that they should report on.
/// </summary>
internal sealed class UnmanagedLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
