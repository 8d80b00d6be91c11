using System.Net;
using System.Text.Json;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.Operator.Attempts;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.Operator.Tests.Modelling;

/// <summary>
/// The part of a cluster that one fine-tune sees, in memory: an API server with versions, a Job controller, kubelets that tests direct.
/// Small enough to walk through tens of thousands of histories; tests/KubeApi is the honest one.
/// </summary>
internal sealed class ModelCluster(DpoFineTune fineTune, FakeTimeProvider time) :
    IApiClient, IObjectCache<JobView>, IObjectCache<PodView>, IObjectCache<DpoFineTune>, IEventRecorder
{
    private readonly List<V1Job> _jobs = [];
    private readonly List<V1Pod> _pods = [];
    private List<JobView> _seenJobs = [];
    private List<PodView> _seenPods = [];
    private DpoFineTune _watched = Versioned(fineTune, 1);
    private List<JobView> _watchedJobs = [];
    private List<PodView> _watchedPods = [];
    private int _version = 1;
    private int _uids;

    /// <summary>The fine-tune as the API server has it.</summary>
    public DpoFineTune FineTune { get; } = Versioned(fineTune, 1);

    /// <summary>The fine-tune as the operator sees it.</summary>
    public DpoFineTune Seen { get; private set; } = Versioned(fineTune, 1);

    public IReadOnlyList<V1Job> Jobs => _jobs;

    public IReadOnlyList<V1Pod> Pods => _pods;

    public List<string> Events { get; } = [];

    /// <summary>Every Job that was ever created.</summary>
    public List<V1Job> Created { get; } = [];

    public List<string> Objects { get; } = [];

    public int StatusWrites { get; private set; }

    /// <summary>Called before (false) and after (true) each call; may throw what a broken connection or a kill would.</summary>
    public Action<string, bool> Fault { get; set; } = (_, _) => { };

    /// <summary>Called with each status that is written.</summary>
    public Action<DpoFineTuneStatus> Written { get; set; } = _ => { };

    /// <summary>Checks what must hold at each write.</summary>
    public Action<string> Violated { get; set; } = message => throw new InvalidOperationException(message);

    public int Count => 1;

    public DpoFineTuneStatus Status => FineTune.Status;

    /// <summary>What a user does.</summary>
    public void Edit(Func<DpoFineTuneSpec, DpoFineTuneSpec> change)
    {
        FineTune.Spec = change(FineTune.Spec);
        FineTune.Metadata.Generation++;
        FineTune.Metadata.ResourceVersion = $"{++_version}";
    }

    /// <summary>All watch events arrive.</summary>
    public void Sync()
    {
        SyncFineTune();
        SyncJobs();
        SyncPods();
    }

    /// <summary>All watch events of the fine-tune arrive; the other watches may be behind.</summary>
    public void SyncFineTune() => Seen = _watched = Clone(FineTune);

    /// <summary>The same of Jobs.</summary>
    public void SyncJobs() => _seenJobs = _watchedJobs = [.. _jobs.Select(JobView.Of)];

    /// <summary>The same of pods.</summary>
    public void SyncPods() => _seenPods = _watchedPods = [.. _pods.Select(PodView.Of)];

    /// <summary>Another replica takes over, which has seen what watches brought and not what the first one's own writes answered.</summary>
    public void TakeOver() => (Seen, _seenJobs, _seenPods) = (Clone(_watched), _watchedJobs, _watchedPods);

    public Task<T?> GetAsync<T>(ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        Fault("get", false);
        if (typeof(T) == typeof(V1ConfigMap)) return Task.FromResult(Objects.Contains($"ConfigMap/{key.Name}") ? (T?)(object)new V1ConfigMap() : null);
        return Task.FromResult((T?)(object)Clone(FineTune));
    }

    public Task<IReadOnlyList<T>> ListAsync<T>(string ns, string labelSelector, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        Fault("list", false);
        return Task.FromResult<IReadOnlyList<T>>([.. typeof(T) == typeof(V1Job) ? _jobs.Cast<T>() : _pods.Cast<T>()]);
    }

    public Task<T> CreateAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        Fault("create", false);
        var job = (V1Job)(object)item;
        if (_jobs.Any(other => other.Metadata.Name == job.Metadata.Name)) throw new ApiException(HttpStatusCode.Conflict, "AlreadyExists", "it exists");
        CheckCreation(job);
        job.Metadata.Uid = $"job-{++_uids}";
        job.Metadata.CreationTimestamp = time.GetUtcNow().UtcDateTime;
        job.Status = new V1JobStatus { Conditions = [] };
        _jobs.Add(job);
        Created.Add(job);
        if (job.Spec.Suspend != true) StartPods(job);
        _seenJobs = [.. _seenJobs.Where(view => view.Uid != job.Metadata.Uid), JobView.Of(job)];
        Fault("create", true);
        return Task.FromResult(item);
    }

    public Task<T> ReplaceAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<T> ApplyAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        Fault("apply", false);
        Objects.Add($"{item.Kind}/{item.Metadata.Name}");
        Fault("apply", true);
        return Task.FromResult(item);
    }

    public Task<T> ApplyStatusAsync<T>(T entity, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        Fault("status", false);
        var draft = (DpoFineTune)(object)entity;
        if (draft.Metadata.ResourceVersion != FineTune.Metadata.ResourceVersion) throw new ApiException(HttpStatusCode.Conflict, "Conflict", "it has changed");
        if (Json(draft.Status) == Json(FineTune.Status)) Violated("a status was written that says nothing new");
        CheckStatus(FineTune.Status, draft.Status);
        Written(draft.Status);
        FineTune.Status = draft.Status;
        FineTune.Metadata.ResourceVersion = $"{++_version}";
        StatusWrites++;
        Seen = Clone(FineTune);
        Fault("status", true);
        return Task.FromResult((T)(object)Clone(FineTune));
    }

    public Task<bool> DeleteAsync<T>(ObjectKey key, Deletion how, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        Fault("delete", false);
        var found = typeof(T) == typeof(V1Job) ? DeleteJob(key, how) : typeof(T) == typeof(V1Pod) ? DeletePod(key) : Objects.RemoveAll(o => o == $"{typeof(T).Name[2..]}/{key.Name}") > 0;
        Fault("delete", true);
        return Task.FromResult(found);
    }

    public void Record(IKubernetesObject<V1ObjectMeta> regarding, EventKind kind, string reason, string action, string note) => Events.Add($"{kind} {reason}: {note}");

    JobView? IObjectCache<JobView>.Get(ObjectKey key) => _seenJobs.Find(view => view.Key == key);

    IReadOnlyList<JobView> IObjectCache<JobView>.List() => _seenJobs;

    IReadOnlyList<JobView> IObjectCache<JobView>.OwnedBy(ObjectKey entity) => _seenJobs;

    PodView? IObjectCache<PodView>.Get(ObjectKey key) => _seenPods.Find(view => view.Key == key);

    IReadOnlyList<PodView> IObjectCache<PodView>.List() => _seenPods;

    IReadOnlyList<PodView> IObjectCache<PodView>.OwnedBy(ObjectKey entity) => _seenPods;

    DpoFineTune? IObjectCache<DpoFineTune>.Get(ObjectKey key) => Seen;

    IReadOnlyList<DpoFineTune> IObjectCache<DpoFineTune>.List() => [Seen];

    IReadOnlyList<DpoFineTune> IObjectCache<DpoFineTune>.OwnedBy(ObjectKey entity) => [];

    /// <summary>Kubelets start every pod that has no end yet.</summary>
    public void RunPods()
    {
        foreach (var pod in _pods.Where(pod => pod.Status.Phase == "Pending" && pod.Metadata.DeletionTimestamp is null))
        {
            pod.Spec.NodeName = $"node-{pod.Metadata.Name[^1]}";
            pod.Status.Phase = "Running";
            pod.Status.PodIP = "10.0.0.7";
            pod.Status.ContainerStatuses = [new V1ContainerStatus { Name = "trainer", State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = Now } } }];
        }
    }

    /// <summary>A pod of the newest Job waits for a reason.</summary>
    public void Wait(int index, string reason, string message)
    {
        if (Live(index) is not { } pod) return;
        pod.Spec.NodeName = "node-0";
        pod.Status.ContainerStatuses = [new V1ContainerStatus { Name = "trainer", State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } } }];
    }

    /// <summary>The scheduler finds no node for a pod.</summary>
    public void FindNoNode(int index, string message)
    {
        if (Live(index) is { } pod) pod.Status.Conditions = [new V1PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = message }];
    }

    /// <summary>A pod's container ends.</summary>
    public void Exit(int index, int code, string? message = null, string? reason = null)
    {
        if (Live(index) is not { Status.Phase: "Running" } pod) return;
        End(pod, code, message, reason);
        JobController();
    }

    /// <summary>A pod ends in a way that a test makes up.</summary>
    public void End(int index, Action<V1Pod, DateTime> how)
    {
        if (Live(index) is not { } pod) return;
        how(pod, Now);
        JobController();
    }

    /// <summary>The cluster takes a pod away.</summary>
    public void Evict(int index, int code = 137)
    {
        if (Live(index) is not { } pod) return;
        pod.Status.Conditions = [new V1PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "PreemptionByScheduler" }];
        if (pod.Status.Phase == "Running") End(pod, code, null, null);
        else pod.Status.Phase = "Failed";
        JobController();
    }

    /// <summary>A pod is deleted by somebody, and its node does not answer.</summary>
    public void LoseNode(int index)
    {
        if (Live(index) is not { Status.Phase: "Running" } pod) return;
        pod.Metadata.DeletionTimestamp = Now.AddSeconds(30);
        pod.Metadata.Annotations["lost"] = "true";
        JobController();
    }

    /// <summary>Somebody deletes the newest Job, its pods with it.</summary>
    public void DeleteNewestJob()
    {
        if (_jobs.LastOrDefault() is not { } job) return;
        _pods.RemoveAll(pod => Owner(pod) == job.Metadata.Uid);
        _jobs.Remove(job);
    }

    /// <summary>Kubelets end the pods that are being deleted; the garbage collector takes what has ended.</summary>
    public void FinishDeletions(int code = 86)
    {
        foreach (var pod in _pods.Where(pod => pod is { Metadata.DeletionTimestamp: not null, Status.Phase: "Running" or "Pending" } && !IsLost(pod)).ToList())
        {
            if (pod.Status.Phase == "Running") End(pod, code, null, null);
            else pod.Status.Phase = "Failed";
        }

        JobController();
        var deleting = _jobs.Where(job => job.Metadata.DeletionTimestamp is not null).Select(job => job.Metadata.Uid).ToHashSet();
        _pods.RemoveAll(pod => deleting.Contains(Owner(pod)) && pod.Status.Phase is "Failed" or "Succeeded" && deleting.Contains(Owner(pod)));
        _jobs.RemoveAll(job => deleting.Contains(job.Metadata.Uid) && _pods.All(pod => Owner(pod) != job.Metadata.Uid));
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private V1Pod? Live(int index) => _pods.LastOrDefault(pod => pod.Metadata.Annotations["batch.kubernetes.io/job-completion-index"] == $"{index}" && pod.Status.Phase is "Pending" or "Running" && pod.Metadata.Annotations["batch.kubernetes.io/job-completion-index"] == $"{index}");

    private static string Owner(V1Pod pod) => pod.Metadata.OwnerReferences[0].Uid;

    private static bool IsLost(V1Pod pod) => pod.Metadata.Annotations.ContainsKey("lost");

    private void End(V1Pod pod, int code, string? message, string? reason)
    {
        var started = pod.Status.ContainerStatuses[0].State.Running.StartedAt;
        pod.Status.Phase = code == 0 ? "Succeeded" : "Failed";
        pod.Status.ContainerStatuses[0].State = new V1ContainerState
        {
            Terminated = new V1ContainerStateTerminated { ExitCode = code, Message = message, Reason = reason ?? (code == 0 ? "Completed" : "Error"), StartedAt = started, FinishedAt = Now },
        };
    }

    /// <summary>backoffLimit 0: the first failure takes the other pods down, and the Job has failed when all have ended.</summary>
    private void JobController()
    {
        foreach (var job in _jobs.Where(job => job.Status.Conditions.Count == 0))
        {
            var pods = _pods.Where(pod => Owner(pod) == job.Metadata.Uid).ToList();
            if (pods.Any(pod => pod.Status.Phase == "Failed" || pod.Metadata.DeletionTimestamp is not null))
            {
                foreach (var pod in pods.Where(pod => pod.Status.Phase is "Running" or "Pending")) pod.Metadata.DeletionTimestamp ??= Now.AddSeconds(30);
                if (pods.All(pod => pod.Status.Phase is "Failed" or "Succeeded")) Finish(job, "Failed");
            }
            else if (pods.Count > 0 && pods.All(pod => pod.Status.Phase == "Succeeded"))
            {
                Finish(job, "Complete");
            }
        }
    }

    private void Finish(V1Job job, string outcome) =>
        job.Status.Conditions.Add(new V1JobCondition { Type = outcome, Status = "True", LastTransitionTime = Now });

    private void StartPods(V1Job job)
    {
        for (var i = 0; i < job.Spec.Completions; i++)
        {
            _pods.Add(new V1Pod
            {
                Metadata = new V1ObjectMeta
                {
                    Name = $"{job.Metadata.Name}-{i}",
                    NamespaceProperty = job.Metadata.NamespaceProperty,
                    Uid = $"pod-{++_uids}",
                    CreationTimestamp = Now,
                    Labels = job.Spec.Template.Metadata.Labels,
                    Annotations = new Dictionary<string, string> { ["batch.kubernetes.io/job-completion-index"] = $"{i}" },
                    OwnerReferences = [new V1OwnerReference { Uid = job.Metadata.Uid, Controller = true }],
                },
                Spec = new V1PodSpec(),
                Status = new V1PodStatus { Phase = "Pending" },
            });
        }
    }

    private bool DeleteJob(ObjectKey key, Deletion how)
    {
        var job = _jobs.Find(job => job.Metadata.Name == key.Name && job.Metadata.Uid == (how.Uid ?? job.Metadata.Uid));
        if (job is null) return false;
        if (how.Propagation != "Foreground") Violated("a Job was deleted without waiting for its pods");
        job.Metadata.DeletionTimestamp ??= Now;
        foreach (var pod in _pods.Where(pod => Owner(pod) == job.Metadata.Uid)) pod.Metadata.DeletionTimestamp ??= Now.AddSeconds(30);
        _seenJobs = [.. _seenJobs.Where(view => view.Uid != job.Metadata.Uid), JobView.Of(job)];
        return true;
    }

    private bool DeletePod(ObjectKey key)
    {
        var found = _pods.RemoveAll(pod => pod.Metadata.Name == key.Name) > 0;
        _seenPods = [.. _seenPods.Where(view => view.Key != key)];
        if (found) foreach (var job in _jobs.Where(job => job.Status.Conditions.Count == 0 && _pods.Where(pod => Owner(pod) == job.Metadata.Uid).All(pod => pod.Status.Phase is "Failed" or "Succeeded"))) Finish(job, "Failed");
        return found;
    }

    private void CheckCreation(V1Job job)
    {
        var attempt = JobView.Number(job.Metadata, LabelKeys.Attempt);
        if (Status.Phase is FineTunePhase.Complete or FineTunePhase.Failed && Status.RunId == FineTune.Spec.RunId) Violated("a run that has ended started again");
        if (_pods.Any(pod => pod.Status.Phase is "Pending" or "Running")) Violated("two attempts are alive");
        if (_jobs.Any(other => other.Status.Conditions.Count == 0)) Violated("two Jobs are alive");
        if (Status.Attempts is not [.., { Class: null } open] || open.Number != attempt) Violated($"attempt {attempt} was created and not recorded");
    }

    private void CheckStatus(DpoFineTuneStatus before, DpoFineTuneStatus after)
    {
        var policy = FineTune.Spec.RetryPolicy;
        if (after.Retries is { } used && (used.Restarts > policy.MaxRestarts || used.InfraRestarts > policy.MaxInfraRestarts)) Violated("a budget is overdrawn");
        if (after.Attempts.Count(attempt => attempt.Class is null) > 1) Violated("two attempts are open");
        if (before.RunId != after.RunId) return;
        if (before.Phase is FineTunePhase.Complete or FineTunePhase.Failed && after.Phase != before.Phase) Violated($"a run that has ended goes on: {before.Phase}, {after.Phase}");
        if (after.AttemptCount < before.AttemptCount) Violated("an attempt is forgotten");
        if ((after.LastCheckpoint?.Step ?? 0) < (before.LastCheckpoint?.Step ?? 0)) Violated("a checkpoint is forgotten");
        var sameBest = after.Retries?.BestStep == before.Retries?.BestStep && after.Retries is not null && before.Retries is not null;
        if (sameBest && (after.Retries!.Restarts < before.Retries!.Restarts || after.Retries.InfraRestarts < before.Retries.InfraRestarts)) Violated("a budget was given back for nothing");
    }

    private static DpoFineTune Versioned(DpoFineTune fineTune, int version)
    {
        var copy = Clone(fineTune);
        copy.Metadata.ResourceVersion = $"{version}";
        return copy;
    }

    private static DpoFineTune Clone(DpoFineTune fineTune) => KubernetesJson.Deserialize<DpoFineTune>(KubernetesJson.Serialize(fineTune));

    private static string Json(DpoFineTuneStatus status) => JsonSerializer.Serialize(status, JsonSerializerOptions.Web);
}
