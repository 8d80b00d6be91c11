using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Shared;
using DiffusionDpo.Storage.Local;
using DiffusionDpo.Storage.Transfers;
using Xunit;

namespace DiffusionDpo.Storage.Tests;

public sealed class DirectoryCacheTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ddpo-directories-").FullName;
    private readonly LocalStore _store = new();

    private StorageUri Model => StorageUri.OfPath(Path.Combine(_directory, "remote", "model"));

    private string Root => Path.Combine(_directory, "cache");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_is_wanted_is_fetched_once_with_its_content()
    {
        await PutAsync("unet/weights", new string('w', 40 << 20)); // several pieces
        await PutAsync("unet/empty", "");
        await PutAsync("other", "not wanted");
        using var first = await FetchAsync();
        Assert.Equal(40 << 20, first.FetchedBytes);
        Assert.Equal(new string('w', 40 << 20), await File.ReadAllTextAsync(Path.Combine(first.Path, "unet", "weights"), Cancellation));
        Assert.Equal("", await File.ReadAllTextAsync(Path.Combine(first.Path, "unet", "empty"), Cancellation));
        Assert.False(File.Exists(Path.Combine(first.Path, "other")));
        using var second = await FetchAsync();
        Assert.Equal((0, first.Path), (second.FetchedBytes, second.Path));
    }

    [Fact]
    public async Task What_was_replaced_is_fetched_anew()
    {
        await PutAsync("unet/weights", "first");
        string before;
        using (var first = await FetchAsync()) before = first.Path;
        await PutAsync("unet/weights", "second");
        using var second = await FetchAsync();
        Assert.NotEqual(before, second.Path);
        Assert.Equal("second", await File.ReadAllTextAsync(Path.Combine(second.Path, "unet", "weights"), Cancellation));
    }

    [Theory]
    [InlineData("wrong")] // of the same length
    [InlineData("short ")]
    [InlineData(null)]
    public async Task A_copy_that_was_damaged_is_fetched_anew(string? damaged)
    {
        await PutAsync("unet/weights", "right");
        string weights;
        using (var first = await FetchAsync()) weights = Path.Combine(first.Path, "unet", "weights");
        if (damaged is null) File.Delete(weights);
        else await File.WriteAllTextAsync(weights, damaged, Cancellation);
        using var second = await FetchAsync();
        Assert.Equal(5, second.FetchedBytes);
        Assert.Equal("right", await File.ReadAllTextAsync(weights, Cancellation));
    }

    /// <summary>A process that works with it has it mapped: it cannot be fetched again under its hands.</summary>
    [Fact]
    public async Task A_copy_that_is_damaged_and_in_use_is_a_failure_and_no_wait_without_end()
    {
        await PutAsync("unet/weights", "right");
        using var held = await FetchAsync();
        await File.WriteAllTextAsync(Path.Combine(held.Path, "unet", "weights"), "wrong", Cancellation);
        var failure = await Assert.ThrowsAsync<RunException>(() => new DirectoryCache(Root, 1 << 30, new LeapingTime()).FetchAsync(_store, Model, IsOfUNet, Cancellation));
        Assert.Equal(ExitClass.StorageError, failure.ExitClass);
        Assert.StartsWith($"{held.Path} is not what was fetched from {Model}", failure.Message, StringComparison.Ordinal);
        held.Dispose();
        using var again = await FetchAsync();
        Assert.Equal(5, again.FetchedBytes);
    }

    [Fact]
    public async Task What_killed_fetches_of_others_have_left_is_removed_and_what_goes_on_is_not()
    {
        await PutAsync("unet/weights", "right");
        foreach (var name in new[] { "killed", "going-on" }) Directory.CreateDirectory(Path.Combine(Root, $"{name}.partial", "unet"));
        await using (new FileStream(Path.Combine(Root, "going-on.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            using var fetched = await FetchAsync();
            Assert.Equal(["going-on.partial"], Directory.GetDirectories(Root, "*.partial").Select(Path.GetFileName));
        }
    }

    [Fact]
    public async Task A_fetch_that_fails_leaves_nothing_that_is_used()
    {
        await PutAsync("unet/a", "whole");
        await PutAsync("unet/b", "cut");
        var cut = new CutStore(_store, Model.Combine("unet/b"));
        await Assert.ThrowsAsync<RunException>(() => Cache().FetchAsync(cut, Model, IsOfUNet, Cancellation));
        Assert.DoesNotContain(Directory.GetDirectories(Root), path => !path.EndsWith(".partial", StringComparison.Ordinal));
        using var second = await FetchAsync();
        Assert.Equal("cut", await File.ReadAllTextAsync(Path.Combine(second.Path, "unet", "b"), Cancellation));
        Assert.DoesNotContain(Directory.GetDirectories(Root), path => path.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Those_not_used_for_the_longest_time_give_way_but_none_that_is_held()
    {
        foreach (var name in new[] { "1", "2", "3" }) await PutAsync($"unet/{name}", new string(name[0], 1 << 20));
        var cache = Cache(capacity: (5 << 20) / 2);
        using var held = await cache.FetchAsync(_store, Model, name => name == "unet/1", Cancellation);
        string second;
        using (var given = await cache.FetchAsync(_store, Model, name => name == "unet/2", Cancellation)) second = given.Path;
        using var third = await cache.FetchAsync(_store, Model, name => name == "unet/3", Cancellation);
        Assert.True(Directory.Exists(held.Path));
        Assert.False(Directory.Exists(second));
        var failure = await Assert.ThrowsAsync<RunException>(() => cache.FetchAsync(_store, Model, name => name == "unet/2", Cancellation));
        Assert.Equal(ExitClass.StorageError, failure.ExitClass);
        Assert.Contains("no room", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_at_once_fetch_it_once()
    {
        await PutAsync("unet/weights", "right");
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(FetchAsync)));
        Assert.Single(all, each => each.FetchedBytes > 0);
        foreach (var each in all) each.Dispose();
    }

    [Fact]
    public async Task Nothing_there_is_input_missing() =>
        Assert.Equal(ExitClass.InputMissing, (await Assert.ThrowsAsync<RunException>(FetchAsync)).ExitClass);

    private static bool IsOfUNet(string name) => name.StartsWith("unet/", StringComparison.Ordinal);

    private DirectoryCache Cache(long capacity = 1 << 30) => new(Root, capacity, TimeProvider.System);

    private Task<FetchedDirectory> FetchAsync() => Cache().FetchAsync(_store, Model, IsOfUNet, Cancellation);

    private async Task PutAsync(string name, string text) =>
        await _store.WriteAsync(Model.Combine(name), (into, stop) => into.WriteAsync(Encoding.UTF8.GetBytes(text), stop), Cancellation);

    /// <summary>Fails at one object.</summary>
    private sealed class CutStore(IObjectStore inner, StorageUri at) : IObjectStore
    {
        public ValueTask<ObjectInfo?> FindAsync(StorageUri uri, CancellationToken cancellation = default) => inner.FindAsync(uri, cancellation);

        public ValueTask ReadAsync(StorageUri uri, long offset, Memory<byte> destination, CancellationToken cancellation = default) =>
            uri == at ? throw new RunException(ExitClass.StorageError, "cut") : inner.ReadAsync(uri, offset, destination, cancellation);

        public ValueTask WriteAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default) => inner.WriteAsync(uri, content, cancellation);

        public ValueTask<bool> CreateAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default) => inner.CreateAsync(uri, content, cancellation);

        public IAsyncEnumerable<ObjectInfo> ListAsync(StorageUri directory, CancellationToken cancellation = default) => inner.ListAsync(directory, cancellation);

        public ValueTask DeleteAsync(StorageUri uri, CancellationToken cancellation = default) => inner.DeleteAsync(uri, cancellation);
    }
}
