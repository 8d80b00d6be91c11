using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.Operator.Attempts;
using k8s.Models;

namespace DiffusionDpo.Operator.Reconciling.Actions;

/// <summary>Deletes a Job. In the foreground: it is gone only when its pods are, which get their time to save.</summary>
internal sealed record DeleteJob(JobView Job) : IRunAction
{
    /// <inheritdoc/>
    public Task ExecuteAsync(DpoFineTune fineTune, IApiClient client, CancellationToken cancellationToken) =>
        client.DeleteAsync<V1Job>(Job.Key, new Deletion { Uid = Job.Uid, Propagation = "Foreground" }, cancellationToken);
}
