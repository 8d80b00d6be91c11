using System.Text;
using DiffusionDpo.Api.Failures;
using Xunit;

namespace DiffusionDpo.Storage.Tests;

/// <summary>What every store promises. A store's own test class inherits it and says where to work.</summary>
public abstract class ObjectStoreContract
{
    protected abstract IObjectStore Store { get; }

    /// <summary>An empty directory of this test.</summary>
    protected abstract StorageUri Root { get; }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected static ObjectContent Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    protected static ObjectContent Bytes(byte[] bytes) => (stream, cancellation) => stream.WriteAsync(bytes, cancellation);

    protected async Task<string> ReadAllAsync(StorageUri uri)
    {
        var info = await Store.FindAsync(uri, Cancellation);
        var bytes = new byte[info!.Size];
        await Store.ReadAsync(uri, 0, bytes, Cancellation);
        return Encoding.UTF8.GetString(bytes);
    }

    protected async Task<string[]> NamesAsync(StorageUri directory) =>
        [.. (await Store.ListAsync(directory, Cancellation).ToArrayAsync(Cancellation)).Select(info => info.Uri.RelativeTo(directory))];

    protected static async Task<RunException> FailsAsync(ExitClass expected, StorageUri uri, Func<ValueTask> action)
    {
        var failure = await Assert.ThrowsAsync<RunException>(async () => await action());
        Assert.Equal(expected, failure.ExitClass);
        Assert.Contains(uri.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
        return failure;
    }

    [Fact]
    public async Task What_was_written_is_read_back()
    {
        var uri = Root.Combine("deep/er/object");
        await Store.WriteAsync(uri, Text("hello"), Cancellation);
        Assert.Equal("hello", await ReadAllAsync(uri));
    }

    [Fact]
    public async Task An_empty_object_is_an_object()
    {
        var uri = Root.Combine("empty");
        await Store.WriteAsync(uri, Text(""), Cancellation);
        Assert.Equal(0, (await Store.FindAsync(uri, Cancellation))!.Size);
    }

    [Fact]
    public async Task Ranges_are_read()
    {
        var uri = Root.Combine("digits");
        await Store.WriteAsync(uri, Text("0123456789"), Cancellation);
        var range = new byte[4];
        await Store.ReadAsync(uri, 3, range, Cancellation);
        Assert.Equal("3456", Encoding.UTF8.GetString(range));
    }

    [Fact]
    public async Task A_range_beyond_the_end_is_a_data_error()
    {
        var uri = Root.Combine("digits");
        await Store.WriteAsync(uri, Text("0123456789"), Cancellation);
        await FailsAsync(ExitClass.DataError, uri, () => Store.ReadAsync(uri, 8, new byte[4], Cancellation));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_and_cannot_be_read()
    {
        var uri = Root.Combine("nothing/here");
        Assert.Null(await Store.FindAsync(uri, Cancellation));
        await FailsAsync(ExitClass.InputMissing, uri, () => Store.ReadAsync(uri, 0, new byte[1], Cancellation));
    }

    [Fact]
    public async Task A_directory_is_not_an_object()
    {
        await Store.WriteAsync(Root.Combine("directory/object"), Text("x"), Cancellation);
        Assert.Null(await Store.FindAsync(Root.Combine("directory"), Cancellation));
    }

    [Fact]
    public async Task Replacing_changes_the_content_and_the_tag()
    {
        var uri = Root.Combine("object");
        await Store.WriteAsync(uri, Text("old content"), Cancellation);
        var before = await Store.FindAsync(uri, Cancellation);
        await Store.WriteAsync(uri, Text("new"), Cancellation);
        var after = await Store.FindAsync(uri, Cancellation);
        Assert.Equal("new", await ReadAllAsync(uri));
        Assert.NotEqual(before!.ETag, after!.ETag);
        Assert.Equal(after, await Store.FindAsync(uri, Cancellation));
    }

    [Fact]
    public async Task Nothing_is_visible_before_the_content_is_complete()
    {
        var uri = Root.Combine("object");
        await Store.WriteAsync(
            uri,
            async (stream, cancellation) =>
            {
                await stream.WriteAsync(new byte[200_000], cancellation);
                await stream.FlushAsync(cancellation);
                Assert.Null(await Store.FindAsync(uri, cancellation));
                Assert.Empty(await NamesAsync(Root));
            },
            Cancellation);
        Assert.Equal(200_000, (await Store.FindAsync(uri, Cancellation))!.Size);
    }

    [Fact]
    public async Task A_write_that_fails_leaves_the_old_object_and_nothing_else()
    {
        var uri = Root.Combine("object");
        await Store.WriteAsync(uri, Text("old"), Cancellation);
        ObjectContent failing = async (stream, cancellation) =>
        {
            await stream.WriteAsync(new byte[200_000], cancellation);
            throw new InvalidOperationException("the maker of the content failed");
        };
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Store.WriteAsync(uri, failing, Cancellation));
        Assert.Equal("old", await ReadAllAsync(uri));
        Assert.Equal(["object"], await NamesAsync(Root));
    }

    [Fact]
    public async Task A_cancelled_write_leaves_nothing()
    {
        var uri = Root.Combine("object");
        using var source = new CancellationTokenSource();
        ObjectContent cancelled = async (stream, _) =>
        {
            await stream.WriteAsync(new byte[10], CancellationToken.None);
            await source.CancelAsync();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.WriteAsync(uri, cancelled, source.Token));
        Assert.Empty(await NamesAsync(Root));
    }

    [Fact]
    public async Task Creating_succeeds_once()
    {
        var uri = Root.Combine("attempts/1");
        Assert.True(await Store.CreateAsync(uri, Text("first"), Cancellation));
        Assert.False(await Store.CreateAsync(uri, Text("second"), Cancellation));
        Assert.Equal("first", await ReadAllAsync(uri));
        Assert.Equal(["attempts/1"], await NamesAsync(Root));
    }

    [Fact]
    public async Task Of_many_creators_exactly_one_wins_and_its_content_stands()
    {
        for (var round = 0; round < 20; round++)
        {
            var uri = Root.Combine($"race/{round}");
            var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(
                i => Task.Run(async () => await Store.CreateAsync(uri, Text($"writer {i}"), Cancellation), Cancellation)));
            Assert.Equal(1, won.Count(w => w));
            Assert.Equal($"writer {Array.IndexOf(won, true)}", await ReadAllAsync(uri));
        }
    }

    [Fact]
    public async Task Readers_see_the_old_object_or_the_new_one_never_a_mixture()
    {
        var uri = Root.Combine("object");
        await Store.WriteAsync(uri, Bytes(Filled(0)), Cancellation);
        var writing = Task.Run(
            async () =>
            {
                for (byte i = 1; i <= 30; i++)
                    await Store.WriteAsync(uri, Bytes(Filled(i)), Cancellation);
            },
            Cancellation);
        while (!writing.IsCompleted)
        {
            var seen = new byte[100_000];
            await Store.ReadAsync(uri, 0, seen, Cancellation);
            Assert.Single(seen.Distinct());
        }

        await writing;

        static byte[] Filled(byte value)
        {
            var bytes = new byte[100_000];
            Array.Fill(bytes, value);
            return bytes;
        }
    }

    [Fact]
    public async Task Listing_is_deep_sorted_by_ordinal_and_stays_below_the_directory()
    {
        string[] names = ["b", "B", "a/z", "a/b/c", "a.txt", "ä", "train-00010", "train-00002"];
        foreach (var name in names)
            await Store.WriteAsync(Root.Combine("in/" + name), Text(name), Cancellation);
        await Store.WriteAsync(Root.Combine("in2/outside"), Text("x"), Cancellation);
        Assert.Equal(names.Order(StringComparer.Ordinal), await NamesAsync(Root.Combine("in")));
        var listed = await Store.ListAsync(Root.Combine("in"), Cancellation).FirstAsync(Cancellation);
        Assert.Equal(await Store.FindAsync(listed.Uri, Cancellation), listed);
    }

    [Fact]
    public async Task Listing_what_is_not_there_gives_nothing() => Assert.Empty(await NamesAsync(Root.Combine("nothing")));

    [Fact]
    public async Task Deleting_removes_and_is_repeatable()
    {
        var uri = Root.Combine("directory/object");
        await Store.WriteAsync(uri, Text("x"), Cancellation);
        await Store.DeleteAsync(uri, Cancellation);
        await Store.DeleteAsync(uri, Cancellation);
        await Store.DeleteAsync(Root.Combine("never/was"), Cancellation);
        Assert.Null(await Store.FindAsync(uri, Cancellation));
        Assert.Empty(await NamesAsync(Root));
    }
}
