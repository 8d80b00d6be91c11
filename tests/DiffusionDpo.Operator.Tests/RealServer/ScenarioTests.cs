using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using KubeApi.Cluster.Kubelets;
using KubeApi.Json;

namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>The life of a fine-tune by the clock on the wall, over HTTP, with no more rights than the manifests give.</summary>
public abstract class ScenarioTests(ServerFixture server)
{
    private static readonly ContainerExit s_success = PlayedNode.Exit(0);

    [Fact]
    public async Task A_fine_tune_runs_to_its_end_in_objects_that_it_owns()
    {
        await using var world = await TestNamespace.CreateAsync(server);
        await world.StartOperatorAsync();
        await world.ApplyAsync();
        await world.UntilAsync(status => status.Phase is FineTunePhase.Running);
        world.Trainer.Progress = world.Trainer.Progress with { Step = 40, Loss = 0.64, UpdatedAt = DateTimeOffset.UtcNow.AddSeconds(2) };
        var status = await world.UntilAsync(status => status.Progress?.Step == 40);
        Assert.Equal(0.64, status.Progress!.Loss);

        var uid = (await world.FineTuneAsync()).Metadata.Uid;
        foreach (var resource in (string[])["jobs", "services", "configmaps"])
        {
            var owned = Assert.Single(await world.ListAsync(resource), item => item.Metadata().Object("labels").Text(LabelKeys.FineTune) == "first");
            var owner = Assert.Single(owned.Metadata().Array("ownerReferences")!)!.AsObject();
            Assert.Equal((uid, "DpoFineTune", true), (owner.Text("uid"), owner.Text("kind"), owner.Flag("controller")));
        }

        world.Node.Ends = _ => s_success;
        status = await world.UntilAsync(status => status.Phase is FineTunePhase.Complete);
        Assert.Equal([(Stage.Train, "Succeeded"), (Stage.Export, "Succeeded")], Attempts(status));
        Assert.Contains(await world.ListAsync("events"), e => e.Object("regarding").Text("uid") == uid);
    }

    [Fact]
    public async Task A_killed_worker_is_named_and_the_next_attempt_ends_well()
    {
        await using var world = await TestNamespace.CreateAsync(server);
        world.Node.Ends = pod => pod switch
        {
            { Attempt: 1, Index: 1 } => PlayedNode.Exit(137, reason: "OOMKilled"),
            { Attempt: 1 } => null,
            _ => s_success,
        };
        await world.StartOperatorAsync();
        await world.ApplyAsync(workers: 2);
        var status = await world.UntilAsync(status => status.Phase is FineTunePhase.Complete);
        Assert.Equal([(Stage.Train, "HostOutOfMemory"), (Stage.Train, "Succeeded"), (Stage.Export, "Succeeded")], Attempts(status));
        Assert.Equal((1, PlayedNode.Name), (status.Attempts[0].Rank, status.Attempts[0].Node));
    }

    [Fact]
    public async Task What_a_trainer_says_last_is_the_class()
    {
        await using var world = await TestNamespace.CreateAsync(server);
        world.Node.Ends = _ => PlayedNode.Exit(65, """{"class":"DataError","code":65,"message":"shard 7 is cut off"}""");
        await world.StartOperatorAsync();
        await world.ApplyAsync();
        var status = await world.UntilAsync(status => status.Phase is FineTunePhase.Failed);
        var attempt = Assert.Single(status.Attempts);
        Assert.Equal(("DataError", "shard 7 is cut off"), (attempt.Class, attempt.Message));
    }

    [Fact]
    public async Task A_suspended_fine_tune_has_no_pods_until_it_is_resumed()
    {
        await using var world = await TestNamespace.CreateAsync(server);
        await world.StartOperatorAsync();
        await world.ApplyAsync();
        await world.UntilAsync(status => status.Phase is FineTunePhase.Running);
        await world.ApplyAsync(suspend: true);
        await world.UntilAsync(status => status.Phase is FineTunePhase.Suspended && status.Attempts is [{ Class: "Suspended" }]);
        Assert.Empty(await world.ListAsync("pods"));
        Assert.Empty(await world.ListAsync("jobs"));

        world.Node.Ends = _ => s_success;
        await world.ApplyAsync();
        var status = await world.UntilAsync(status => status.Phase is FineTunePhase.Complete);
        Assert.Equal([(Stage.Train, "Suspended"), (Stage.Train, "Succeeded"), (Stage.Export, "Succeeded")], Attempts(status));
    }

    [Fact]
    public async Task A_specification_that_cannot_run_is_stalled_and_nothing_is_started()
    {
        await using var world = await TestNamespace.CreateAsync(server);
        world.Node.Ends = _ => s_success;
        await world.StartOperatorAsync();
        await world.ApplyAsync(output: "runs/first");
        var status = await world.UntilAsync(status => status.Conditions.Any(condition => condition is { Type: "Stalled", Status: "True" }));
        var stalled = status.Conditions.Single(condition => condition.Type == "Stalled");
        Assert.Equal("InvalidSpec", stalled.Reason);
        Assert.Contains("spec.output.uri", stalled.Message, StringComparison.Ordinal);
        Assert.Empty(await world.ListAsync("jobs"));
    }

    [Fact]
    public async Task What_happens_while_no_operator_runs_is_found_by_the_next()
    {
        await using var world = await TestNamespace.CreateAsync(server);
        var first = await world.StartOperatorAsync();
        await world.ApplyAsync();
        await world.UntilAsync(status => status.Phase is FineTunePhase.Running);
        await world.StopAsync(first);
        world.Node.Ends = pod => pod.Attempt == 1 ? PlayedNode.Exit(74) : s_success;
        await Eventually.HoldsAsync(
            async () => (await world.ListAsync("pods")).All(pod => pod.Object("status").Text("phase") == "Failed"),
            () => "the pod does not end");
        await world.StartOperatorAsync();
        var status = await world.UntilAsync(status => status.Phase is FineTunePhase.Complete);
        Assert.Equal([(Stage.Train, "StorageError"), (Stage.Train, "Succeeded"), (Stage.Export, "Succeeded")], Attempts(status));
    }

    [Fact]
    public async Task When_the_leader_ends_the_other_replica_goes_on()
    {
        await using var world = await TestNamespace.CreateAsync(server);
        var leader = await world.StartOperatorAsync("one");
        await Eventually.HoldsAsync(async () => await world.LeaderAsync() == "one", () => "nobody leads");
        await world.StartOperatorAsync("two");
        await world.ApplyAsync();
        await world.UntilAsync(status => status.Phase is FineTunePhase.Running);
        Assert.Equal("one", await world.LeaderAsync());
        await world.StopAsync(leader);
        world.Node.Ends = _ => s_success;
        var status = await world.UntilAsync(status => status.Phase is FineTunePhase.Complete);
        Assert.Equal("two", await world.LeaderAsync());
        Assert.Equal([(Stage.Train, "Succeeded"), (Stage.Export, "Succeeded")], Attempts(status));
    }

    private static IEnumerable<(Stage Stage, string? Class)> Attempts(DpoFineTuneStatus status) => status.Attempts.Select(attempt => (attempt.Stage, attempt.Class));
}
