using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.Operator.Objects;

namespace DiffusionDpo.Operator.Reconciling.Actions;

/// <summary>Creates an attempt's objects, the Job last: when it is there, so is all that its pods need.</summary>
internal sealed record CreateAttempt(AttemptStatus Attempt, OperatorOptions Options) : IRunAction
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(DpoFineTune fineTune, IApiClient client, CancellationToken cancellationToken)
    {
        await client.ApplyAsync(RunFileConfigMap.Build(fineTune), cancellationToken).ConfigureAwait(false);
        await client.ApplyAsync(RendezvousService.Build(fineTune, Options.TrainerPort), cancellationToken).ConfigureAwait(false);
        try
        {
            await client.CreateAsync(AttemptJob.Build(fineTune, Attempt, Options), cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException refused) when (refused.IsConflict)
        {
            // Its name follows from the attempt: an earlier try came through without our knowing.
        }
    }
}
