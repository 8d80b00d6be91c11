using KubeApi;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests;

/// <summary>Bookmarks tell a watcher that nothing else came: every minute, if the version moved.</summary>
public sealed class BookmarkTests
{
    [Fact]
    public async Task A_bookmark_comes_every_minute_in_which_something_was_written_elsewhere()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var server = new ApiServer(new ApiServerOptions { Time = clock });
        using var client = new ConfigMapClient(server);
        using var watch = await client.WatchAsync("allowWatchBookmarks=true&labelSelector=none%3D1");
        foreach (var name in (string[])["a", "b"])
        {
            var next = watch.NextAsync();
            await client.CreateAsync(name);
            clock.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
            Assert.False(next.IsCompleted);
            while (!next.IsCompleted)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                await Task.WhenAny(next, Task.Delay(20, TestContext.Current.CancellationToken));
            }

            Assert.Equal("BOOKMARK", await next);
        }
    }
}
