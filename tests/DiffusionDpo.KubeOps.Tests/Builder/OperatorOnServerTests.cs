using System.Collections.Concurrent;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Tests.Client;
using k8s.Models;
using KubeApi;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using Microsoft.Extensions.DependencyInjection;

namespace DiffusionDpo.KubeOps.Tests.Builder;

public sealed class OperatorOnServerTests
{
    private readonly ApiServer _server = new(new ApiServerOptions());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entities_come_to_the_controller_and_their_deletion_too()
    {
        using var user = new Connected("http://emulator.invalid", _server.CreateHandler);
        await using var running = await RunningOperator.StartAsync(_server);
        await user.Client.CreateAsync(Connected.Map("mine"), Stop);
        await RunningOperator.UntilAsync(() => running.Controller.Calls.Any(call => call.StartsWith("reconcile mine", StringComparison.Ordinal)));
        await user.Client.DeleteAsync<V1ConfigMap>(new ObjectKey("default", "mine"), new Deletion(), Stop);
        await RunningOperator.UntilAsync(() => running.Controller.Calls.Any(call => call.StartsWith("deleted mine", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_change_of_what_an_entity_owns_reconciles_it()
    {
        using var user = new Connected("http://emulator.invalid", _server.CreateHandler);
        await using var running = await RunningOperator.StartAsync(_server);
        await user.Client.CreateAsync(Connected.Map("mine"), Stop);
        await running.Controller.CalledAsync();
        int before = running.Controller.Calls.Count(call => call.Contains("mine", StringComparison.Ordinal));
        await user.Client.CreateAsync(RunningOperator.Secret("part", "mine"), Stop);
        await RunningOperator.UntilAsync(() => running.Controller.Calls.Count(call => call.Contains("mine", StringComparison.Ordinal)) > before);
        Assert.Equal("part", Assert.Single(running.Owned.OwnedBy(new ObjectKey("default", "mine"))).Key.Name);
    }

    [Fact]
    public async Task What_the_operator_wrote_is_in_its_caches_when_the_call_returns()
    {
        await using var running = await RunningOperator.StartAsync(_server);
        for (int i = 0; i < 200; i++)
        {
            string name = $"part-{i}";
            await running.Client.CreateAsync(RunningOperator.Secret(name, "mine"), Stop);
            Assert.NotNull(running.Owned.Get(new ObjectKey("default", name)));
            V1Secret changed = RunningOperator.Secret(name, "mine", "2");
            await running.Client.ApplyAsync(changed, Stop);
            Assert.Equal("2", running.Owned.Get(new ObjectKey("default", name))!.Value);
            await running.Client.DeleteAsync<V1Secret>(new ObjectKey("default", name), new Deletion(), Stop);
            Assert.Null(running.Owned.Get(new ObjectKey("default", name)));
        }

        // What the watch tells afterwards brings nothing back.
        await running.Client.CreateAsync(RunningOperator.Secret("last", "mine"), Stop);
        Assert.Equal(1, running.Owned.Count);
    }

    [Fact]
    public async Task What_the_selection_leaves_out_does_not_enter_the_cache_by_a_write()
    {
        await using var running = await RunningOperator.StartAsync(_server);
        V1Secret other = RunningOperator.Secret("other", "mine");
        other.Metadata.Labels["tests/kind"] = "c";
        await running.Client.CreateAsync(other, Stop);
        Assert.Equal(0, running.Owned.Count);
        other.Metadata.Labels["tests/kind"] = "b";
        await running.Client.ApplyAsync(other, Stop);
        Assert.Equal(1, running.Owned.Count);
        other.Metadata.Labels["tests/kind"] = "c";
        await running.Client.ApplyAsync(other, Stop);
        Assert.Equal(0, running.Owned.Count);
    }

    [Fact]
    public async Task A_finalizer_is_put_on_runs_before_the_end_and_is_taken_off()
    {
        using var user = new Connected("http://emulator.invalid", _server.CreateHandler);
        await using var running = await RunningOperator.StartAsync(
            _server, more: builder => builder.AddFinalizer<CountingFinalizer, V1ConfigMap>("tests/clean"));
        await user.Client.CreateAsync(Connected.Map("mine"), Stop);
        var key = new ObjectKey("default", "mine");
        await RunningOperator.UntilAsync(() => running.Entities.Get(key)?.Metadata.Finalizers?.Contains("tests/clean") == true);
        await RunningOperator.UntilAsync(() => running.Controller.Calls.Any(call => call.StartsWith("reconcile mine", StringComparison.Ordinal)));
        await user.Client.DeleteAsync<V1ConfigMap>(key, new Deletion(), Stop);
        await RunningOperator.UntilAsync(() => running.Controller.Calls.Any(call => call.StartsWith("deleted mine", StringComparison.Ordinal)));
        Assert.Null(await user.Client.GetAsync<V1ConfigMap>(key, Stop));
        Assert.Equal(1, CountingFinalizer.Cleaned(running));
    }

    [Fact]
    public async Task Each_of_two_kinds_comes_to_its_own_controller()
    {
        using var user = new Connected("http://emulator.invalid", _server.CreateHandler);
        await using var running = await RunningOperator.StartAsync(_server, more: builder => builder.AddController<CountingController, V1Service>());
        CountingController services = running.Services.GetRequiredService<CountingController>();
        for (int i = 0; i < 50; i++)
        {
            await user.Client.CreateAsync(Connected.Map($"map-{i}"), Stop);
            await user.Client.CreateAsync(new V1Service { Metadata = new() { Name = $"service-{i}", NamespaceProperty = "default" }, Spec = new() { ClusterIP = "None" } }, Stop);
        }

        await RunningOperator.UntilAsync(() => services.Seen.Keys.Count(name => name.StartsWith("service-", StringComparison.Ordinal)) == 50);
        await RunningOperator.UntilAsync(() => Enumerable.Range(0, 50).All(i => running.Controller.Calls.Any(call => call.StartsWith($"reconcile map-{i}", StringComparison.Ordinal))));
    }

    internal sealed class CountingController : IEntityController<V1Service>
    {
        public ConcurrentDictionary<string, bool> Seen { get; } = new();

        public Task<ReconciliationResult<V1Service>> ReconcileAsync(V1Service entity, CancellationToken cancellationToken)
        {
            Seen[entity.Metadata.Name] = true;
            return Task.FromResult(ReconciliationResult<V1Service>.Success(entity));
        }

        public Task<ReconciliationResult<V1Service>> DeletedAsync(V1Service entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<V1Service>.Success(entity));
    }

    internal sealed class CountingFinalizer : IEntityFinalizer<V1ConfigMap>
    {
        private int _cleaned;

        public static int Cleaned(RunningOperator running) => running.Services.GetRequiredService<CountingFinalizer>()._cleaned;

        public Task<ReconciliationResult<V1ConfigMap>> FinalizeAsync(V1ConfigMap entity, CancellationToken cancellationToken)
        {
            if (entity.Metadata.Name == "mine") Interlocked.Increment(ref _cleaned);
            return Task.FromResult(ReconciliationResult<V1ConfigMap>.Success(entity));
        }
    }
}
