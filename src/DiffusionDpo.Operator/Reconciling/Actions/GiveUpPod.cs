using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.Operator.Attempts;
using k8s.Models;

namespace DiffusionDpo.Operator.Reconciling.Actions;

/// <summary>Deletes a pod whose node does not answer, without waiting for the node.</summary>
internal sealed record GiveUpPod(PodView Pod) : IRunAction
{
    /// <inheritdoc/>
    public Task ExecuteAsync(DpoFineTune fineTune, IApiClient client, CancellationToken cancellationToken) =>
        client.DeleteAsync<V1Pod>(Pod.Key, new Deletion { GracePeriodSeconds = 0 }, cancellationToken);
}
