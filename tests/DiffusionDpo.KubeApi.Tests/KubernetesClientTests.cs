using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeApi;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests;

/// <summary>The official client understands what the server says.</summary>
public sealed class KubernetesClientTests : IDisposable
{
    private readonly ApiServer _server = new();
    private readonly Kubernetes _client;

    public KubernetesClientTests() => _client = new Kubernetes(new KubernetesClientConfiguration { Host = "http://kube.test" }, _server.CreateHandler());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_job_comes_back_with_its_defaults()
    {
        var job = await _client.CreateNamespacedJobAsync(Job("train"), "default", cancellationToken: Cancellation);
        Assert.Equal(0, job.Spec.BackoffLimit);
        Assert.Equal("Failed", job.Spec.PodReplacementPolicy);
        Assert.Equal(job.Metadata.Uid, job.Spec.Selector.MatchLabels["batch.kubernetes.io/controller-uid"]);
        Assert.NotNull(job.Metadata.CreationTimestamp);
        var list = await _client.ListNamespacedJobAsync("default", labelSelector: "app=train", cancellationToken: Cancellation);
        Assert.Equal(["train"], list.Items.Select(item => item.Metadata.Name));
    }

    [Fact]
    public async Task A_job_deleted_in_the_foreground_waits_for_the_collector()
    {
        await _client.CreateNamespacedJobAsync(Job("train"), "default", cancellationToken: Cancellation);
        await _client.DeleteNamespacedJobAsync("train", "default", propagationPolicy: "Foreground", cancellationToken: Cancellation);
        var job = await _client.ReadNamespacedJobAsync("train", "default", cancellationToken: Cancellation);
        Assert.Equal(["foregroundDeletion"], job.Metadata.Finalizers);
    }

    [Fact]
    public async Task An_apply_creates_and_then_changes()
    {
        async Task<V1ConfigMap> Apply(string value) => await _client.PatchNamespacedConfigMapAsync(
            new V1Patch(new V1ConfigMap { ApiVersion = "v1", Kind = "ConfigMap", Metadata = new V1ObjectMeta { Name = "run" }, Data = new Dictionary<string, string> { ["k"] = value } }, V1Patch.PatchType.ApplyPatch),
            "run", "default", fieldManager: "ddpo-operator", force: true, cancellationToken: Cancellation);

        var first = await Apply("1");
        Assert.Equal(first.Metadata.ResourceVersion, (await Apply("1")).Metadata.ResourceVersion);
        var second = await Apply("2");
        Assert.Equal("2", second.Data["k"]);
        Assert.Equal("ddpo-operator", Assert.Single(second.Metadata.ManagedFields).Manager);
    }

    /// <summary>As structured-merge-diff has it: fields that a struct names go with the last that was in them, and no empty object stays to be refused by a schema.</summary>
    [Fact]
    public async Task What_an_apply_leaves_out_goes_whole_and_what_another_owns_in_it_stays()
    {
        async Task<V1ConfigMap> Apply(string manager, Dictionary<string, string>? data) => await _client.PatchNamespacedConfigMapAsync(
            new V1Patch(new V1ConfigMap { ApiVersion = "v1", Kind = "ConfigMap", Metadata = new V1ObjectMeta { Name = "run" }, Data = data }, V1Patch.PatchType.ApplyPatch),
            "run", "default", fieldManager: manager, force: true, cancellationToken: Cancellation);

        await Apply("ddpo-operator", new() { ["k"] = "1" });
        Assert.Null((await Apply("ddpo-operator", null)).Data);
        await Apply("ddpo-operator", new() { ["k"] = "1" });
        await Apply("another", new() { ["theirs"] = "2" });
        Assert.Equal(["theirs"], (await Apply("ddpo-operator", null)).Data.Keys);
    }

    [Fact]
    public async Task A_lease_is_written_with_the_clients_times()
    {
        var now = new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);
        var lease = await _client.CreateNamespacedLeaseAsync(new V1Lease
        {
            Metadata = new V1ObjectMeta { Name = "operator" },
            Spec = new V1LeaseSpec { HolderIdentity = "a", LeaseDurationSeconds = 15, RenewTime = now },
        }, "default", cancellationToken: Cancellation);
        Assert.Equal(now, lease.Spec.RenewTime);
        lease.Metadata.ResourceVersion = "1";
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(() => _client.ReplaceNamespacedLeaseAsync(lease, "operator", "default", cancellationToken: Cancellation));
        Assert.Equal(HttpStatusCode.Conflict, refusal.Response.StatusCode);
    }

    [Fact]
    public async Task A_watch_gives_the_changes()
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await _client.CreateNamespacedJobAsync(Job("train"), "default", cancellationToken: Cancellation);
        var seen = new List<string>();
        await foreach (var (type, job) in _client.BatchV1.WatchListNamespacedJobAsync("default", cancellationToken: ending.Token))
        {
            seen.Add($"{type} {job.Metadata.Name}");
            if (seen.Count == 1)
                await _client.DeleteNamespacedJobAsync("train", "default", propagationPolicy: "Background", cancellationToken: Cancellation);
            else
                break;
        }

        Assert.Equal(["Added train", "Deleted train"], seen);
    }

    private static V1Job Job(string name) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new V1JobSpec
        {
            CompletionMode = "Indexed",
            Completions = 2,
            Parallelism = 2,
            BackoffLimit = 0,
            PodReplacementPolicy = "Failed",
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "train" } },
                Spec = new V1PodSpec { RestartPolicy = "Never", Containers = [new V1Container { Name = "main", Image = "ddpo:1" }] },
            },
        },
    };
}
