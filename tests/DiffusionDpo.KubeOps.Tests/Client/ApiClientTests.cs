using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using k8s.Models;
using KubeApi;
using KubeApi.Http;

namespace DiffusionDpo.KubeOps.Tests.Client;

public sealed class ApiClientTests
{
    private readonly ApiServer _server = new(new ApiServerOptions());

    [Fact]
    public async Task Works_over_sockets_with_the_transport_of_the_configuration()
    {
        await using var host = await KestrelHost.StartAsync(_server);
        using var connected = new Connected(host.Address.ToString(), null);
        await connected.Client.CreateAsync(Connected.Map("one"), Stop);
        V1ConfigMap? read = await connected.Client.GetAsync<V1ConfigMap>(new ObjectKey("default", "one"), Stop);
        Assert.Equal("1", read?.Data["key"]);
    }

    [Fact]
    public async Task A_deletion_that_is_complete_is_told_to_the_caches()
    {
        using var connected = InProcess();
        V1ConfigMap made = await connected.Client.CreateAsync(Connected.Map("one"), Stop);
        Assert.True(await connected.Client.DeleteAsync<V1ConfigMap>(new ObjectKey("default", "one"), new Deletion(), Stop));
        Assert.Equal([$"V1ConfigMap default/one {made.Metadata.Uid}"], connected.Gone);
    }

    [Fact]
    public async Task A_job_is_deleted_though_the_answer_is_no_job()
    {
        using var connected = InProcess();
        V1Job made = await connected.Client.CreateAsync(Job("one"), Stop);
        Assert.True(await connected.Client.DeleteAsync<V1Job>(new ObjectKey("default", "one"), new Deletion(), Stop));
        Assert.Equal([$"V1Job default/one {made.Metadata.Uid}"], connected.Gone);
    }

    [Fact]
    public async Task A_deletion_that_lingers_is_told_with_its_time()
    {
        using var connected = InProcess();
        V1ConfigMap map = Connected.Map("one");
        map.Metadata.Finalizers = ["tests/hold"];
        await connected.Client.CreateAsync(map, Stop);
        await connected.Client.DeleteAsync<V1ConfigMap>(new ObjectKey("default", "one"), new Deletion(), Stop);
        Assert.NotNull(connected.Written[^1].Metadata.DeletionTimestamp);
        Assert.Empty(connected.Gone);
    }

    [Fact]
    public async Task An_object_whose_last_finalizer_was_taken_off_is_gone()
    {
        using var connected = InProcess();
        V1ConfigMap map = Connected.Map("one");
        map.Metadata.Finalizers = ["tests/hold"];
        await connected.Client.CreateAsync(map, Stop);
        await connected.Client.DeleteAsync<V1ConfigMap>(new ObjectKey("default", "one"), new Deletion(), Stop);
        V1ConfigMap held = (await connected.Client.GetAsync<V1ConfigMap>(new ObjectKey("default", "one"), Stop))!;
        await connected.Client.SetFinalizersAsync(held, [], Stop);
        Assert.Equal([$"V1ConfigMap default/one {held.Metadata.Uid}"], connected.Gone);
    }

    [Fact]
    public async Task A_deletion_of_another_object_of_the_same_name_deletes_nothing()
    {
        using var connected = InProcess();
        await connected.Client.CreateAsync(Connected.Map("one"), Stop);
        var other = new Deletion { Uid = "00000000-0000-0000-0000-000000000000" };
        Assert.False(await connected.Client.DeleteAsync<V1ConfigMap>(new ObjectKey("default", "one"), other, Stop));
        Assert.NotNull(await connected.Client.GetAsync<V1ConfigMap>(new ObjectKey("default", "one"), Stop));
    }

    [Fact]
    public async Task What_is_missing_is_null_and_deletes_to_false()
    {
        using var connected = InProcess();
        Assert.Null(await connected.Client.GetAsync<V1ConfigMap>(new ObjectKey("default", "none"), Stop));
        Assert.False(await connected.Client.DeleteAsync<V1ConfigMap>(new ObjectKey("default", "none"), new Deletion(), Stop));
    }

    [Fact]
    public async Task A_list_is_what_the_selector_selects_in_the_namespace()
    {
        using var connected = InProcess();
        foreach (var (name, label) in ((string, string)[])[("one", "a"), ("two", "b"), ("three", "a")])
        {
            V1ConfigMap map = Connected.Map(name);
            map.Metadata.Labels = new Dictionary<string, string> { ["tests/of"] = label };
            await connected.Client.CreateAsync(map, Stop);
        }

        Assert.Equal(["one", "three"], (await connected.Client.ListAsync<V1ConfigMap>("default", "tests/of=a", Stop)).Select(map => map.Metadata.Name));
        Assert.Empty(await connected.Client.ListAsync<V1ConfigMap>("default", "tests/of=c", Stop));
        Assert.Empty(await connected.Client.ListAsync<V1ConfigMap>("kube-system", "tests/of=a", Stop));
    }

    [Fact]
    public async Task A_second_creation_is_a_conflict_with_the_servers_words()
    {
        using var connected = InProcess();
        await connected.Client.CreateAsync(Connected.Map("one"), Stop);
        ApiException refusal = await Assert.ThrowsAsync<ApiException>(() => connected.Client.CreateAsync(Connected.Map("one"), Stop));
        Assert.True(refusal.IsConflict);
        Assert.Equal("AlreadyExists", refusal.Reason);
        Assert.Contains("already exists", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_of_writes_are_in_the_caches_when_the_call_returns()
    {
        using var connected = InProcess();
        await connected.Client.CreateAsync(Connected.Map("one"), Stop);
        V1ConfigMap applied = await connected.Client.ApplyAsync(Connected.Map("one", "2"), Stop);
        Assert.Equal("2", applied.Data["key"]);
        Assert.Equal(applied.Metadata.ResourceVersion, connected.Written[^1].Metadata.ResourceVersion);
        Assert.Equal(2, connected.Written.Count);
    }

    [Fact]
    public async Task Nothing_is_written_behind_the_fence()
    {
        using var connected = new Connected("http://emulator.invalid", _server.CreateHandler, WriteFence.Shut);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connected.Client.CreateAsync(Connected.Map("one"), Stop));
        Assert.Null(await connected.Client.GetAsync<V1ConfigMap>(new ObjectKey("default", "one"), Stop));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Connected InProcess() => new("http://emulator.invalid", _server.CreateHandler);

    private static V1Job Job(string name) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
        Spec = new V1JobSpec
        {
            Template = new V1PodTemplateSpec
            {
                Spec = new V1PodSpec { RestartPolicy = "Never", Containers = [new V1Container { Name = "main", Image = "example/image" }] },
            },
        },
    };
}
