using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using KubeApi.Cluster.Kubelets;

namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>
/// What keeps a fine-tune from running, one row per cause: within a minute a condition and an event name it and say what to change, and when
/// that is done the run goes on, without a lost attempt.
/// </summary>
public sealed class BadInputTests
{
    private const string NotThere = "rpc error: code = NotFound desc = failed to pull and unpack image \"registry.example/trainer:9\": not found";
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, Cause> s_causes = new()
    {
        ["a Secret is missing"] = new()
        {
            Workers = "envFromSecrets: [s3]",
            Condition = "Stalled",
            Reason = "ReferenceMissing",
            Sentence = "Worker 0 misses something that the fine-tune names: secret \"s3\" not found. Create it, or correct spec.workers.envFromSecrets.",
            Repair = cluster => cluster.CreateAsync("Secret", "s3"),
        },
        ["an image is missing, and comes"] = new()
        {
            Workers = "image: registry.example/trainer:9",
            Script = PodScript.Runs with { Waits = "ErrImagePull", WaitingMessage = NotThere },
            Condition = "Stalled",
            Reason = "ImagePullFailed",
            Sentence = $"Worker 0 cannot pull its image: {NotThere}. Correct spec.workers.image or spec.workers.imagePullSecrets.",
            Repair = Run,
        },
        ["an image is missing, and another is named"] = new()
        {
            Workers = "image: registry.example/trainer:9",
            Script = PodScript.Runs with { Waits = "ErrImagePull", WaitingMessage = NotThere },
            Condition = "Stalled",
            Reason = "ImagePullFailed",
            Sentence = $"Worker 0 cannot pull its image: {NotThere}. Correct spec.workers.image or spec.workers.imagePullSecrets.",
            Repair = cluster =>
            {
                cluster.Runtime.Script = pod => pod.Image.EndsWith(":1", StringComparison.Ordinal) ? PodScript.Runs : PodScript.Runs with { Waits = "ErrImagePull" };
                return cluster.ApplyAsync(Yaml("image: registry.example/trainer:1"));
            },
            Ended = "Replaced",
        },
        ["an image's name is malformed"] = new()
        {
            Workers = "image: 'https://registry.example/trainer'",
            Condition = "Stalled",
            Reason = "InvalidImageName",
            Sentence = "Worker 0 has a malformed image name: Failed to apply default image tag \"https://registry.example/trainer\": couldn't parse image name "
                + "\"https://registry.example/trainer\": invalid reference format. Correct spec.workers.image.",
            Repair = cluster => cluster.ApplyAsync(Yaml("image: registry.example/trainer:1")),
            Ended = "Replaced",
        },
        ["there are too few GPUs"] = new()
        {
            Gpus = 2,
            Condition = "Scheduled",
            Reason = "Unschedulable",
            Sentence = "No node takes worker 0: 0/2 nodes are available: 2 Insufficient nvidia.com/gpu. "
                + "Wait for room, add nodes, or lower spec.workers.gpusPerWorker or spec.workers.resources.",
            Repair = cluster => cluster.Cluster.Nodes.AddAsync("node-9", 8),
        },
        ["no node has the label"] = new()
        {
            Workers = "nodeSelector: { gpu: h100 }",
            Condition = "Scheduled",
            Reason = "Unschedulable",
            Sentence = "No node takes worker 0: 0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. "
                + "Label a node, or correct spec.workers.nodeSelector or spec.workers.affinity.",
            Repair = cluster => cluster.Cluster.Nodes.AddAsync("node-9", 8, new Dictionary<string, string> { ["gpu"] = "h100" }),
        },
        ["a PersistentVolumeClaim is missing"] = new()
        {
            Workers = "volumes: [{ persistentVolumeClaim: data, mountPath: /data }]",
            Condition = "Stalled",
            Reason = "VolumeMissing",
            Sentence = "Worker 0 mounts persistentvolumeclaim \"data\" not found. Create it, or correct spec.workers.volumes.",
            Repair = cluster => cluster.CreateAsync("PersistentVolumeClaim", "data"),
        },
        ["a node does not get on with a container"] = new()
        {
            Script = PodScript.Runs with { Waits = "ContainerCreating" },
            Condition = "Running",
            Reason = "ContainerCreating",
            Sentence = "Worker 0 on node-0 has no container after 30 s: a large image, or a volume that cannot be mounted. "
                + "'kubectl describe pod POD' says which; correct spec.workers.volumes if it is a volume.",
            Repair = Run,
        },
        ["storage refuses the credentials"] = new()
        {
            Script = PodScript.Exits(77, TimeSpan.FromSeconds(5), new TerminationMessage { Class = ExitClass.AuthError, Message = "s3://models/sd15: AccessDenied for role trainer" }.ToJson()),
            Condition = "Ready",
            Reason = "AuthError",
            Sentence = "Attempt 1 ended: AuthError (rank 0 on node-0): s3://models/sd15: AccessDenied for role trainer. Give pods credentials that may read the inputs "
                + "and write spec.output.uri (spec.workers.envFromSecrets or serviceAccountName). The next attempt starts at TIME.",
            Repair = Run,
            Ended = "AuthError",
        },
    };

    public static TheoryData<string> Causes => [.. s_causes.Keys];

    [Theory]
    [MemberData(nameof(Causes))]
    public async Task A_cause_is_named_within_a_minute_and_goes_away_with_its_repair(string name)
    {
        var cause = s_causes[name];
        await using var cluster = await EmulatedCluster.StartAsync(cause.Gpus);
        cluster.Runtime.Script = _ => cause.Script;
        cluster.StartOperator();
        await cluster.ApplyAsync(Yaml(cause.Workers));
        await cluster.UntilAsync(() => cluster.Condition(cause.Condition)?.Reason == cause.Reason, s_minute);
        await cluster.SoonAsync(() => cluster.Events("first").Any(e => e.StartsWith($"Warning {cause.Reason}: ", StringComparison.Ordinal)));
        Assert.Equal(cause.Sentence, General(cluster.Condition(cause.Condition)!.Message));
        if (cause.Ended is not "AuthError") Assert.Contains($"Warning {cause.Reason}: {cause.Sentence}", cluster.Events("first").Select(General));
        Assert.Equal("False", cluster.Condition("Running")!.Status);
        Assert.Equal(cause.Condition == "Stalled", cluster.Condition("Reconciling") is null);

        await cause.Repair(cluster);
        await cluster.UntilAsync(() => cluster.FineTune("first").Status.Phase is FineTunePhase.Running, s_minute);
        var status = cluster.FineTune("first").Status;
        Assert.Equal(cause.Ended is null ? [null] : new[] { cause.Ended, null }, status.Attempts.Select(attempt => attempt.Class));
        Assert.Equal(cause.Ended is "AuthError" ? ["AuthError"] : [], status.Retries?.UsedOnce ?? []);
        Assert.Equal(0, (status.Retries?.Restarts ?? 0) + (status.Retries?.InfraRestarts ?? 0));
        Assert.Null(cluster.Condition("Stalled"));
        Assert.All(status.Conditions, condition => Assert.DoesNotContain(cause.Sentence, General(condition.Message)));
        Assert.Equal(("True", "True"), (cluster.Condition("Ready")!.Status, cluster.Condition("Scheduled")!.Status));
    }

    [Fact]
    public async Task Credentials_that_are_refused_twice_end_the_run_within_a_minute_and_say_what_to_change()
    {
        var cause = s_causes["storage refuses the credentials"];
        await using var cluster = await EmulatedCluster.StartAsync();
        cluster.Runtime.Script = _ => cause.Script;
        cluster.StartOperator();
        await cluster.ApplyAsync(Yaml(""));
        await cluster.UntilAsync(() => cluster.Condition("Stalled") is not null, s_minute);
        Assert.Equal("AuthError", cluster.Condition("Stalled")!.Reason);
        Assert.Equal(
            "AuthError (rank 0 on node-0): s3://models/sd15: AccessDenied for role trainer. Give pods credentials that may read the inputs and write "
            + "spec.output.uri (spec.workers.envFromSecrets or serviceAccountName), then set another spec.runId to start a new run.",
            cluster.Condition("Stalled")!.Message);
    }

    [Fact]
    public async Task Run_files_that_somebody_deleted_before_pods_had_them_are_created_again()
    {
        await using var cluster = await EmulatedCluster.StartAsync(gpus: 2);
        cluster.StartOperator();
        await cluster.ApplyAsync(Yaml(""));
        await cluster.UntilAsync(() => cluster.Condition("Scheduled")?.Reason == "Unschedulable", s_minute);
        var run = cluster.Server.Store.List("configmaps").Objects.Values.Select(stored => stored.Key.Name).Single(name => name.StartsWith("first-", StringComparison.Ordinal));
        await cluster.SendAsync("DELETE", $"/api/v1/namespaces/default/configmaps/{run}", "{}");
        await cluster.Cluster.Nodes.AddAsync("node-9", 8);
        await cluster.UntilAsync(() => cluster.FineTune("first").Status.Phase is FineTunePhase.Running, s_minute);
        await cluster.SoonAsync(() => cluster.Events("first").Any(e => e.StartsWith("Warning VolumeMissing: ", StringComparison.Ordinal)));
        Assert.Contains(
            $"Warning VolumeMissing: Worker 0 mounts ConfigMap {run}, which somebody deleted. The operator creates it again; nothing need be changed.", cluster.Events("first"));
        Assert.Equal(1, cluster.FineTune("first").Status.AttemptCount);
    }

    [Fact]
    public async Task A_pull_that_fails_for_hours_is_told_once()
    {
        var cause = s_causes["an image is missing, and comes"];
        await using var cluster = await EmulatedCluster.StartAsync();
        cluster.Runtime.Script = _ => cause.Script;
        cluster.StartOperator();
        await cluster.ApplyAsync(Yaml(cause.Workers));
        await cluster.UntilAsync(() => cluster.Condition("Stalled") is not null, s_minute);
        var version = cluster.FineTune("first").Metadata.ResourceVersion;
        var end = cluster.Clock.GetUtcNow().AddHours(2);
        await cluster.UntilAsync(() => cluster.Clock.GetUtcNow() >= end, TimeSpan.FromHours(3));
        Assert.Equal(version, cluster.FineTune("first").Metadata.ResourceVersion);
        Assert.Single(cluster.Events("first"), e => e.Contains("ImagePullFailed", StringComparison.Ordinal));
    }

    private static string Yaml(string workers) => EmulatedCluster.FirstYaml.Replace("gpusPerWorker: 4", workers.Length > 0 ? $"gpusPerWorker: 4, {workers}" : "gpusPerWorker: 4", StringComparison.Ordinal);

    private static Task Run(EmulatedCluster cluster)
    {
        cluster.Runtime.Script = _ => PodScript.Runs;
        return Task.CompletedTask;
    }

    /// <summary>A sentence without what differs from run to run.</summary>
    private static string General(string sentence) => System.Text.RegularExpressions.Regex.Replace(
        System.Text.RegularExpressions.Regex.Replace(sentence, "describe pod [a-z0-9-]+", "describe pod POD"), "[0-9-]{10} [0-9:]{8}Z", "TIME");
}
