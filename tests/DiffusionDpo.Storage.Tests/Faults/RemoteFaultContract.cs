using System.Text;
using DiffusionDpo.Api.Failures;
using Xunit;

namespace DiffusionDpo.Storage.Tests.Faults;

/// <summary>What stores behind a network do when the service is overloaded, lies, breaks off or falls silent: the same on every service.</summary>
public abstract class RemoteFaultContract
{
    private const int MostTries = 9;
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)((i * 31) ^ (i >> 8)))];
    private static readonly byte[] Large = [.. Enumerable.Range(0, (17 << 20) + 3).Select(i => (byte)((i * 31) ^ (i >> 11)))]; // three parts

    private static readonly Dictionary<string, Fault> Passing = new()
    {
        ["busy"] = new Fault.Answer(503, "ServiceUnavailable"),
        ["broken"] = new Fault.Answer(500, "InternalError"),
        ["throttled"] = new Fault.Answer(429, "TooManyRequests"),
        ["lost answer"] = new Fault.Drop(),
        ["cut answer"] = new Fault.Truncate(1_000),
        ["another byte"] = new Fault.Garble(50_000),
    };

    private static readonly Dictionary<string, Func<Asked, bool>> Requests = new()
    {
        ["put"] = asked => asked.IsPut, ["part"] = asked => asked.IsPart, ["completion"] = asked => asked.IsCompletion,
    };

    /// <summary>The store without a proxy.</summary>
    protected abstract IObjectStore Store { get; }

    protected abstract StorageUri Root { get; }

    private protected abstract Uri Server { get; }

    /// <summary>What the service answers when the clocks differ.</summary>
    private protected abstract Fault Skewed { get; }

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The store by another address and another clock.</summary>
    protected abstract IObjectStore StoreAt(string endpoint, TimeProvider time);

    /// <summary>Fails if there are parts of which no object was made, where they can be removed.</summary>
    protected abstract Task NothingIsUnfinishedAsync();

    [Theory]
    [InlineData("busy")]
    [InlineData("broken")]
    [InlineData("throttled")]
    [InlineData("lost answer")]
    [InlineData("cut answer")]
    public async Task A_read_gets_over_what_passes(string fault)
    {
        var uri = await PutAsync(Content);
        using var proxy = new FaultyProxy(Server, new Rule(asked => asked.IsRead, Passing[fault], MostTries - 1));
        Assert.Equal(Content, await BytesOfAsync(StoreAt(proxy.Address, new RecordingTime()), uri));
        Assert.True(proxy.IsPlayed);
    }

    [Theory]
    [InlineData("busy")]
    [InlineData("broken")]
    [InlineData("throttled")]
    [InlineData("lost answer")]
    [InlineData("cut answer")]
    public async Task A_read_fails_in_the_end_and_names_the_object(string fault)
    {
        var uri = await PutAsync(Content);
        using var proxy = new FaultyProxy(Server, new Rule(asked => asked.IsRead, Passing[fault]));
        var time = new RecordingTime();
        await FailsAsync(ExitClass.StorageError, uri, () => StoreAt(proxy.Address, time).ReadAsync(uri, 0, new byte[Content.Length], Stop));
        Assert.Equal(MostTries - 1, time.Waits.Count);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(7, 7)]
    [InlineData(90, 90)]
    [InlineData(86_400, 120)]
    public async Task The_wait_is_the_one_that_the_service_asks_for(int asked, int waited)
    {
        var uri = await PutAsync(Content);
        using var proxy = new FaultyProxy(Server, new Rule(request => request.IsRead, new Fault.Answer(503, "SlowDown", $"Retry-After: {asked}"), 2));
        var time = new RecordingTime();
        Assert.Equal(Content, await BytesOfAsync(StoreAt(proxy.Address, time), uri));
        Assert.Equal(waited == 0 ? [] : [waited, waited], time.Waits.Select(wait => wait.TotalSeconds));
    }

    [Theory]
    [InlineData("busy", "put")]
    [InlineData("busy", "part")]
    [InlineData("busy", "completion")]
    [InlineData("broken", "put")]
    [InlineData("broken", "part")]
    [InlineData("broken", "completion")]
    [InlineData("lost answer", "put")]
    [InlineData("lost answer", "part")]
    [InlineData("lost answer", "completion")]
    [InlineData("another byte", "put")]
    [InlineData("another byte", "part")]
    public async Task A_write_gets_over_what_passes(string fault, string request)
    {
        var (uri, content) = (await PutAsync("old"u8.ToArray()), request == "put" ? Content : Large);
        using var proxy = new FaultyProxy(Server, new Rule(Requests[request], Passing[fault], 2));
        var store = StoreAt(proxy.Address, new RecordingTime());
        Assert.NotNull(await store.FindAsync(uri, Stop)); // the service has accepted the key before
        await store.WriteAsync(uri, Bytes(content), Stop);
        Assert.True(proxy.IsPlayed);
        Assert.Equal(content, await BytesOfAsync(Store, uri));
        await NothingIsUnfinishedAsync();
    }

    [Theory]
    [InlineData("put")]
    [InlineData("part")]
    [InlineData("completion")]
    public async Task A_write_that_fails_in_the_end_changes_nothing_and_leaves_nothing(string request)
    {
        var (uri, content) = (await PutAsync("old"u8.ToArray()), request == "put" ? Content : Large);
        using var proxy = new FaultyProxy(Server, new Rule(Requests[request], Passing["busy"]));
        await FailsAsync(ExitClass.StorageError, uri, () => StoreAt(proxy.Address, new RecordingTime()).WriteAsync(uri, Bytes(content), Stop));
        Assert.Equal("old"u8.ToArray(), await BytesOfAsync(Store, uri));
        await NothingIsUnfinishedAsync();
    }

    [Fact]
    public async Task A_completion_of_which_no_answer_ever_comes_is_looked_for()
    {
        var uri = Root.Combine("object");
        using var proxy = new FaultyProxy(Server, new Rule(asked => asked.IsCompletion, new Fault.Drop()));
        await StoreAt(proxy.Address, new RecordingTime()).WriteAsync(uri, Bytes(Large), Stop);
        Assert.Equal(Large, await BytesOfAsync(Store, uri));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Who_created_an_object_is_told_so_although_the_answer_was_lost(int times)
    {
        var uri = Root.Combine("object");
        using var proxy = new FaultyProxy(Server, new Rule(asked => asked.IsPut, new Fault.Drop(), times));
        Assert.True(await StoreAt(proxy.Address, new RecordingTime()).CreateAsync(uri, Bytes(Content), Stop));
        Assert.True(proxy.IsPlayed);
        Assert.Equal(Content, await BytesOfAsync(Store, uri));
    }

    [Fact]
    public async Task Who_came_second_is_told_so_although_the_answer_was_lost()
    {
        var uri = Root.Combine("object");
        using var proxy = new FaultyProxy(Server, new Rule(asked => asked.IsPut, new Fault.Drop(), 1));
        Assert.False(await StoreAt(proxy.Address, new RecordingTime()).CreateAsync(
            uri,
            async (into, stop) =>
            {
                await into.WriteAsync(Content, stop); // the same bytes: they do not say whose object it is
                Assert.True(await Store.CreateAsync(uri, Bytes(Content), stop));
            },
            Stop));
        Assert.True(proxy.IsPlayed);
    }

    [Fact]
    public async Task Of_many_creators_whose_answers_are_lost_exactly_one_wins_and_its_content_stands()
    {
        var uri = Root.Combine("object");
        using var proxy = new FaultyProxy(Server, new Rule(asked => asked.IsPut, new Fault.Drop(), 6));
        var store = StoreAt(proxy.Address, new RecordingTime());
        var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () => await store.CreateAsync(uri, Bytes(Encoding.UTF8.GetBytes($"writer {i}")), Stop), Stop)));
        Assert.Equal($"writer {Array.IndexOf(won, true)}", Encoding.UTF8.GetString(await BytesOfAsync(Store, uri)));
        Assert.Single(won, each => each);
    }

    [Fact]
    public async Task A_read_that_waits_for_another_try_can_be_cancelled()
    {
        var uri = await PutAsync(Content);
        using var proxy = new FaultyProxy(Server, new Rule(asked => asked.IsRead, Passing["busy"]));
        var time = new RecordingTime(isFrozen: true);
        await IsCancelledAsync(time.Waiting, stop => StoreAt(proxy.Address, time).ReadAsync(uri, 0, new byte[Content.Length], stop));
        Assert.Single(proxy.Requests);
    }

    [Fact]
    public async Task A_read_whose_answer_stalls_can_be_cancelled()
    {
        const int arrived = 1_000;
        var uri = await PutAsync(Large);
        using var proxy = new FaultyProxy(Server, new Rule(asked => asked.IsRead, new Fault.Stall(arrived)));
        var bytes = new byte[Large.Length];
        await IsCancelledAsync(ArriveAsync(), stop => StoreAt(proxy.Address, new RecordingTime()).ReadAsync(uri, 0, bytes, stop));
        Assert.Single(proxy.Requests);

        async Task ArriveAsync()
        {
            while (bytes[arrived - 1] == 0) await Task.Delay(5, Stop); // it is in the middle of the body
        }
    }

    [Theory]
    [InlineData("put")]
    [InlineData("part")]
    public async Task A_write_that_waits_for_another_try_can_be_cancelled_and_leaves_nothing(string request)
    {
        var uri = Root.Combine("object");
        using var proxy = new FaultyProxy(Server, new Rule(Requests[request], Passing["busy"]));
        var time = new RecordingTime(isFrozen: true);
        await IsCancelledAsync(time.Waiting, stop => StoreAt(proxy.Address, time).WriteAsync(uri, Bytes(request == "put" ? Content : Large), stop));
        Assert.Null(await Store.FindAsync(uri, Stop));
        await NothingIsUnfinishedAsync();
    }

    [Fact]
    public async Task A_part_of_which_nothing_is_heard_can_be_cancelled_and_leaves_nothing()
    {
        var uri = Root.Combine("object");
        using var proxy = new FaultyProxy(Server, new Rule(asked => asked.IsPart, new Fault.Silence()));
        await IsCancelledAsync(proxy.Stalled, stop => StoreAt(proxy.Address, new RecordingTime()).WriteAsync(uri, Bytes(Large), stop));
        Assert.Null(await Store.FindAsync(uri, Stop));
        await NothingIsUnfinishedAsync();
    }

    [Fact]
    public async Task A_clock_that_is_off_is_named()
    {
        var uri = await PutAsync(Content);
        using var proxy = new FaultyProxy(Server, new Rule(_ => true, Skewed));
        var store = StoreAt(proxy.Address, new RecordingTime());
        Func<ValueTask>[] refused = [() => store.ReadAsync(uri, 0, new byte[1], Stop), () => store.WriteAsync(uri, Bytes(Content), Stop), async () => await store.FindAsync(uri, Stop)];
        foreach (var each in refused) Assert.Matches("the clock of this machine .*set the clock", (await FailsAsync(ExitClass.StorageError, uri, each)).Message);
    }

    protected static ObjectContent Bytes(byte[] bytes) => (into, stop) => into.WriteAsync(bytes, stop);

    protected static async Task<RunException> FailsAsync(ExitClass expected, StorageUri uri, Func<ValueTask> action)
    {
        var failure = await Assert.ThrowsAsync<RunException>(async () => await action());
        Assert.Equal(expected, failure.ExitClass);
        Assert.Contains(uri.ToString(), failure.Message, StringComparison.Ordinal);
        return failure;
    }

    protected async Task<StorageUri> PutAsync(byte[] content)
    {
        var uri = Root.Combine("object");
        await Store.WriteAsync(uri, Bytes(content), Stop);
        return uri;
    }

    protected static async Task<byte[]> BytesOfAsync(IObjectStore store, StorageUri uri)
    {
        var bytes = new byte[(await store.FindAsync(uri, Stop))!.Size];
        await store.ReadAsync(uri, 0, bytes, Stop);
        return bytes;
    }

    private static async Task IsCancelledAsync(Task moment, Func<CancellationToken, ValueTask> action)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = action(source.Token).AsTask();
        await Task.WhenAny(moment, running);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
