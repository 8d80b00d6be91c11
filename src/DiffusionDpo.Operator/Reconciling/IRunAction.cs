using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Client;

namespace DiffusionDpo.Operator.Reconciling;

/// <summary>Something to do in the cluster. Doing it twice is as good as once.</summary>
internal interface IRunAction
{
    /// <summary>Does it.</summary>
    Task ExecuteAsync(DpoFineTune fineTune, IApiClient client, CancellationToken cancellationToken);
}
