using DiffusionDpo.Api.Failures;
using Xunit;

namespace DiffusionDpo.Storage.Tests;

/// <summary>What stores behind a network promise besides: objects of many parts, and links that break.</summary>
public abstract class RemoteStoreContract : ObjectStoreContract
{
    private static readonly byte[] Large = [.. Enumerable.Range(0, (20 << 20) + 3).Select(i => (byte)((i * 31) ^ (i >> 11)))];

    /// <summary>In a bucket or container that does not exist.</summary>
    protected abstract StorageUri MissingPlace { get; }

    /// <summary>The same store by another address.</summary>
    protected abstract IObjectStore StoreAt(string endpoint);

    /// <summary>The server's own address.</summary>
    private protected abstract Uri Server { get; }

    [Fact]
    public async Task An_object_of_many_parts_is_read_back()
    {
        var uri = Root.Combine("large");
        await Store.WriteAsync(uri, Pieces(Large.Length), Cancellation);
        Assert.Equal(Large, await BytesOfAsync(Store, uri));
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(19 << 20)]
    public async Task Content_that_fails_after_some_parts_leaves_nothing(int after)
    {
        var uri = Root.Combine("large");
        await Assert.ThrowsAsync<IOException>(async () => await Store.WriteAsync(
            uri,
            async (into, stop) =>
            {
                await into.WriteAsync(Large.AsMemory(0, after), stop);
                throw new IOException("the maker of content fails");
            },
            Cancellation));
        Assert.Null(await Store.FindAsync(uri, Cancellation));
        Assert.Empty(await NamesAsync(Root));
    }

    [Fact]
    public async Task A_large_object_is_created_once()
    {
        var uri = Root.Combine("large");
        Assert.True(await Store.CreateAsync(uri, Pieces(Large.Length), Cancellation));
        Assert.False(await Store.CreateAsync(uri, Text("other"), Cancellation));
        Assert.Equal(Large, await BytesOfAsync(Store, uri));
    }

    [Fact]
    public async Task A_version_that_was_replaced_is_a_data_error_and_not_a_mixture()
    {
        var uri = Root.Combine("object");
        await Store.WriteAsync(uri, Text("first"), Cancellation);
        var info = (await Store.FindAsync(uri, Cancellation))!;
        await Store.WriteAsync(uri, Text("other"), Cancellation);
        await FailsAsync(ExitClass.DataError, uri, () => Store.ReadAsync(info, 0, new byte[5], Cancellation));
    }

    [Fact]
    public async Task A_place_that_does_not_exist_is_named()
    {
        var failure = await Assert.ThrowsAsync<RunException>(async () => await Store.WriteAsync(MissingPlace, Text("x"), Cancellation));
        Assert.Equal(ExitClass.InputMissing, failure.ExitClass);
        Assert.Contains(MissingPlace.Place, failure.Message, StringComparison.Ordinal);
        await FailsAsync(ExitClass.InputMissing, MissingPlace, () => Store.ReadAsync(MissingPlace, 0, new byte[1], Cancellation));
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_named()
    {
        using var proxy = new CuttingProxy(Server);
        proxy.Dispose(); // nobody listens there any more
        var uri = Root.Combine("object");
        var failure = await Assert.ThrowsAsync<RunException>(async () => await StoreAt(proxy.Address).FindAsync(uri, Cancellation));
        Assert.Contains(proxy.Address, failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Every connection breaks after some bytes of its answer or its question: what is written is whole, what is read is right.</summary>
    [Theory]
    [InlineData(700_000, int.MaxValue)]
    [InlineData(int.MaxValue, 3_000_000)]
    [InlineData(2_000_000, 12_000_000)]
    public async Task Links_that_break_lose_nothing(int afterAnswered, int afterAsked)
    {
        var uri = Root.Combine("large");
        using var proxy = new CuttingProxy(Server) { Cuts = 6, AfterAnswered = afterAnswered, AfterAsked = afterAsked };
        var store = StoreAt(proxy.Address);
        await store.WriteAsync(uri, Pieces(Large.Length), Cancellation);
        Assert.Equal(Large, await BytesOfAsync(Store, uri));
        Assert.Equal(Large, await BytesOfAsync(store, uri));
        Assert.True(proxy.Cuts < 6);
        Assert.Equal(["large"], await NamesAsync(Root));
    }

    private static ObjectContent Pieces(int length) => async (into, stop) =>
    {
        for (var at = 0; at < length; at += 100_000) await into.WriteAsync(Large.AsMemory(at, Math.Min(100_000, length - at)), stop);
    };

    private static async Task<byte[]> BytesOfAsync(IObjectStore store, StorageUri uri)
    {
        var bytes = new byte[(await store.FindAsync(uri, Cancellation))!.Size];
        await store.ReadAsync(uri, 0, bytes, Cancellation);
        return bytes;
    }
}
