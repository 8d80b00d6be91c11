using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.Operator.Objects;

namespace DiffusionDpo.Operator.Reconciling.Actions;

/// <summary>Creates the run's ConfigMap again, which pods wait for: what a run trains does not change, so it is the same one.</summary>
internal sealed record RestoreRunFiles : IRunAction
{
    /// <inheritdoc/>
    public Task ExecuteAsync(DpoFineTune fineTune, IApiClient client, CancellationToken cancellationToken) =>
        client.ApplyAsync(RunFileConfigMap.Build(fineTune), cancellationToken);
}
