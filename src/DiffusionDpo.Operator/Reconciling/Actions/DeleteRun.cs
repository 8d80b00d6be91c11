using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Objects;
using k8s.Models;

namespace DiffusionDpo.Operator.Reconciling.Actions;

/// <summary>Deletes what is left of a run, its Jobs last: while one is there, the rest is looked after again.</summary>
internal sealed record DeleteRun(string RunId, IReadOnlyList<JobView> Jobs) : IRunAction
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(DpoFineTune fineTune, IApiClient client, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(fineTune.Metadata.NamespaceProperty, RunNames.Run(fineTune, RunId));
        await client.DeleteAsync<V1Service>(key, new Deletion(), cancellationToken).ConfigureAwait(false);
        await client.DeleteAsync<V1ConfigMap>(key, new Deletion(), cancellationToken).ConfigureAwait(false);
        foreach (var job in Jobs) await new DeleteJob(job).ExecuteAsync(fineTune, client, cancellationToken).ConfigureAwait(false);
    }
}
