using DiffusionDpo.Storage.Caching;
using DiffusionDpo.Storage.Local;
using Xunit;

namespace DiffusionDpo.Storage.Tests.Caching;

public sealed class CachedStoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ddpo-cached-store-").FullName;
    private readonly RemoteStore _remote = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private DiskCache Cache => new(Path.Combine(_directory, "cache"), 1 << 20);

    private async Task Read(IObjectStore store, long offset, int count)
    {
        var (info, bytes) = (_remote.Info("a"), new byte[count]);
        await store.ReadAsync(info.Uri, offset, bytes, Stop);
        Assert.Equal(RemoteStore.BytesOf(info, offset, count), bytes);
    }

    [Fact]
    public async Task A_range_is_fetched_once_whoever_asks()
    {
        var store = new CachedStore(_remote, Cache);
        for (var i = 0; i < 3; i++)
        {
            await Read(store, 100, 5_000);
            await Read(new CachedStore(_remote, Cache), 100, 5_000);
            await Read(store, 200, 5_000);
        }

        Assert.Equal(2, _remote.Reads);
    }

    [Fact]
    public async Task A_version_that_a_look_up_shows_is_another_object()
    {
        var store = new CachedStore(_remote, Cache);
        await Read(store, 0, 1_000);
        _remote.ETag = "\"2\"";
        await store.FindAsync(_remote.Info("a").Uri, Stop);
        await Read(store, 0, 1_000);
        Assert.Equal(2, _remote.Reads);
    }

    [Fact]
    public async Task Writes_listings_and_deletions_are_those_of_the_store()
    {
        var (store, root) = (new CachedStore(new LocalStore(), Cache), StorageUri.OfPath(Path.Combine(_directory, "objects")));
        var uri = root.Combine("a");
        Assert.True(await store.CreateAsync(uri, (to, stop) => to.WriteAsync(new byte[] { 1 }, stop), Stop));
        Assert.Equal([1], await ReadAll());
        await store.WriteAsync(uri, (to, stop) => to.WriteAsync(new byte[] { 2, 3 }, stop), Stop);
        Assert.Equal([2, 3], await ReadAll());
        Assert.Equal([uri], await store.ListAsync(root, Stop).Select(info => info.Uri).ToListAsync(Stop));
        await store.DeleteAsync(uri, Stop);
        Assert.Null(await store.FindAsync(uri, Stop));

        async Task<byte[]> ReadAll()
        {
            var bytes = new byte[(await store.FindAsync(uri, Stop))!.Size];
            await store.ReadAsync(uri, 0, bytes, Stop);
            return bytes;
        }
    }

    [Fact]
    public async Task What_is_beyond_the_end_fails_as_the_store_says()
    {
        var (store, uri) = (new CachedStore(new LocalStore(), Cache), StorageUri.OfPath(Path.Combine(_directory, "short")));
        File.WriteAllBytes(uri.LocalPath, new byte[10]);
        var failure = await Assert.ThrowsAsync<Api.Failures.RunException>(async () => await store.ReadAsync(uri, 5, new byte[6], Stop));
        Assert.Equal(Api.Failures.ExitClass.DataError, failure.ExitClass);
    }
}
