using System.Text.Json;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Conditions;
using DiffusionDpo.Operator.Metrics;
using DiffusionDpo.Operator.Objects;
using DiffusionDpo.Operator.Progress;
using DiffusionDpo.Operator.Reconciling.Steps;
using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;

namespace DiffusionDpo.Operator.Reconciling;

/// <summary>
/// Runs fine-tunes: observe once, decide purely, write the status, act. The status comes first and carries the version it was decided on:
/// whoever decides on something old is refused before anything is done.
/// </summary>
[EntityRbac(typeof(DpoFineTune), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
[GenericRbac(Groups = [DpoFineTune.KubeGroup], Resources = ["dpofinetunes/status"], Verbs = RbacVerb.Patch)]
[EntityRbac(typeof(V1Job), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Create | RbacVerb.Delete)]
[EntityRbac(typeof(V1Pod), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Delete)]
[EntityRbac(typeof(V1Service), typeof(V1ConfigMap), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Patch | RbacVerb.Delete)]
[GenericRbac(Groups = ["events.k8s.io"], Resources = ["events"], Verbs = RbacVerb.Create | RbacVerb.Update)]
internal sealed class FineTuneController(
    IApiClient client,
    IObjectCache<JobView> jobs,
    IObjectCache<PodView> pods,
    ProgressReader progress,
    IEventRecorder events,
    OperatorMetrics metrics,
    OperatorOptions options,
    TimeProvider time) : IEntityController<DpoFineTune>
{
    private static readonly TimeSpan RejectedAgain = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async Task<ReconciliationResult<DpoFineTune>> ReconcileAsync(DpoFineTune entity, CancellationToken cancellationToken)
    {
        if (entity.Metadata.DeletionTimestamp is not null) return ReconciliationResult<DpoFineTune>.Success(entity);
        var decision = Decisions.Decide(await ObserveAsync(entity, cancellationToken).ConfigureAwait(false));
        try
        {
            var written = await WriteAsync(entity, decision.Status, cancellationToken).ConfigureAwait(false);
            if (decision.Actions.Count > 0)
            {
                if (ReferenceEquals(written, entity)) await ConfirmAsync(entity, cancellationToken).ConfigureAwait(false);
                foreach (var action in decision.Actions) await action.ExecuteAsync(written, client, cancellationToken).ConfigureAwait(false);
            }

            Tell(written, decision);
            var wait = decision.LookAgainAt - time.GetUtcNow();
            return ReconciliationResult<DpoFineTune>.Success(written, wait > TimeSpan.Zero ? wait : wait is null ? null : TimeSpan.FromSeconds(1));
        }
        catch (ApiException refused) when (refused.IsConflict)
        {
            // Somebody was faster. The change that was missed is on its way and reconciles again; nothing was done.
            return ReconciliationResult<DpoFineTune>.Success(entity, TimeSpan.FromSeconds(1));
        }
        catch (ApiException refused) when (!refused.IsTransient)
        {
            return await ReportRejectionAsync(entity, refused, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<DpoFineTune>> DeletedAsync(DpoFineTune entity, CancellationToken cancellationToken)
    {
        progress.Forget(ObjectKey.Of(entity));
        return Task.FromResult(ReconciliationResult<DpoFineTune>.Success(entity));
    }

    private async Task<Observation> ObserveAsync(DpoFineTune fineTune, CancellationToken cancellationToken)
    {
        var key = ObjectKey.Of(fineTune);
        List<JobView> mine = [.. jobs.OwnedBy(key).Where(job => job.FineTuneUid == fineTune.Metadata.Uid)];
        var seen = new Observation(fineTune, mine, pods.OwnedBy(key), null, time.GetUtcNow(), options);
        if (seen.IsDoubtful) seen = await LookAsync(seen, cancellationToken).ConfigureAwait(false);
        var open = fineTune.Status?.Attempts.LastOrDefault(attempt => attempt.Class is null);
        var rankZero = seen.PodsOf(seen.JobOf(open)).FirstOrDefault(pod => pod.Index == 0);
        var report = progress.Latest(key, rankZero, out var lookAgain);
        var isCreating = seen.PodsOf(seen.JobOf(open)).Any(pod => pod.IsCreating && pod.Scheduled + FollowAttempt.ContainersAppearWithin <= seen.Now);
        return seen with { Report = report, ReportDueAt = lookAgain, RunFilesMissing = isCreating && await AreRunFilesMissingAsync(fineTune, cancellationToken).ConfigureAwait(false) };
    }

    private async Task<bool> AreRunFilesMissingAsync(DpoFineTune fineTune, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(fineTune.Metadata.NamespaceProperty, RunNames.Run(fineTune));
        return await client.GetAsync<V1ConfigMap>(key, cancellationToken).ConfigureAwait(false) is null;
    }

    /// <summary>The same with the Jobs and pods that the API server has now.</summary>
    private async Task<Observation> LookAsync(Observation seen, CancellationToken cancellationToken)
    {
        var (ns, uid) = (seen.FineTune.Metadata.NamespaceProperty, seen.FineTune.Metadata.Uid);
        var selector = $"{JobView.Selector},{LabelKeys.FineTune}={seen.FineTune.Metadata.Name}";
        var jobs = await client.ListAsync<V1Job>(ns, selector, cancellationToken).ConfigureAwait(false);
        var pods = await client.ListAsync<V1Pod>(ns, selector, cancellationToken).ConfigureAwait(false);
        return seen with { Jobs = [.. jobs.Select(JobView.Of).Where(job => job.FineTuneUid == uid)], Pods = [.. pods.Select(PodView.Of)] };
    }

    /// <summary>Writes the status if it is another one. The entity itself comes back where there is nothing to write.</summary>
    private async Task<DpoFineTune> WriteAsync(DpoFineTune entity, DpoFineTuneStatus status, CancellationToken cancellationToken)
    {
        if (AreEqual(entity.Status, status)) return entity;
        var draft = new DpoFineTune
        {
            Metadata = new V1ObjectMeta
            {
                Name = entity.Metadata.Name,
                NamespaceProperty = entity.Metadata.NamespaceProperty,
                ResourceVersion = entity.Metadata.ResourceVersion,
            },
            Spec = entity.Spec,
            Status = status,
        };
        var written = await client.ApplyStatusAsync(draft, cancellationToken).ConfigureAwait(false);
        metrics.StatusWritten();
        return written;
    }

    /// <summary>Before something is done without a write that would have been refused: is this still what the API server has?</summary>
    private async Task ConfirmAsync(DpoFineTune entity, CancellationToken cancellationToken)
    {
        var now = await client.GetAsync<DpoFineTune>(ObjectKey.Of(entity), cancellationToken).ConfigureAwait(false);
        if (now?.Metadata.ResourceVersion == entity.Metadata.ResourceVersion) return;
        throw new ApiException(System.Net.HttpStatusCode.Conflict, "Conflict", "the fine-tune has changed since it was read");
    }

    private void Tell(DpoFineTune fineTune, Decision decision)
    {
        foreach (var said in decision.Announcements) events.Record(fineTune, said.Kind, said.Reason, said.Action, said.Note);
        foreach (var measure in decision.Measures) measure(metrics);
    }

    /// <summary>The API server refuses the run's objects for good: somebody must change something, and the message says what.</summary>
    private async Task<ReconciliationResult<DpoFineTune>> ReportRejectionAsync(DpoFineTune entity, ApiException refused, CancellationToken cancellationToken)
    {
        var now = await client.GetAsync<DpoFineTune>(ObjectKey.Of(entity), cancellationToken).ConfigureAwait(false);
        if (now is null) return ReconciliationResult<DpoFineTune>.Success(entity);
        var decision = Decisions.Decide(await ObserveAsync(now, cancellationToken).ConfigureAwait(false) with { Rejection = refused.Message });
        try
        {
            var written = await WriteAsync(now, decision.Status, cancellationToken).ConfigureAwait(false);
            events.Record(written, EventKind.Warning, Reasons.ObjectsRejected, "Create", refused.Message);
            return ReconciliationResult<DpoFineTune>.Success(written, RejectedAgain);
        }
        catch (ApiException again)
        {
            return ReconciliationResult<DpoFineTune>.Failure(now, again.Message, again);
        }
    }

    private static bool AreEqual(DpoFineTuneStatus? one, DpoFineTuneStatus other) =>
        JsonSerializer.Serialize(one ?? new DpoFineTuneStatus(), JsonSerializerOptions.Web) == JsonSerializer.Serialize(other, JsonSerializerOptions.Web);
}
