using DiffusionDpo.KubeOps.Caching;

namespace DiffusionDpo.KubeOps.Tests.Caching;

/// <summary>The answers to this process's writes and the watch's events of all writes reach a store in any order between the two.</summary>
public sealed class ObjectStoreTests
{
    private static readonly ObjectKey s_key = new("default", "a");

    /// <summary>A history of one object: (version, value), null for a deletion. Which of the writes are ours is the test's choice.</summary>
    private static readonly (ulong Version, string? Value)[][] s_histories =
    [
        [(1, "x"), (2, "y"), (3, "z")],
        [(1, "x"), (2, null), (3, "z")],
        [(1, "x"), (2, "y"), (3, null)],
        [(1, "x"), (2, null), (3, "z"), (4, null)],
    ];

    [Fact]
    public void Whatever_the_order_of_answers_and_events_the_end_is_the_last_write()
    {
        var cases = 0;
        foreach (var history in s_histories)
        {
            for (var ours = 0; ours < 1 << history.Length; ours++)
            {
                var answers = history.Where((write, index) => (ours >> index & 1) == 1 && write.Value is not null).ToList();
                foreach (var order in Interleavings(history.Length, answers.Count))
                {
                    cases++;
                    Run(history, answers, order);
                }
            }
        }

        Assert.True(cases > 240, $"{cases}");
    }

    [Fact]
    public void A_list_takes_over_what_is_written_and_nothing_written_later_is_lost()
    {
        ObjectStore<string> store = new(_ => null);
        store.Observe(new("default", "mine"), "written", 7);
        store.Replace([(s_key, "listed", 3)], 5);
        Assert.Equal(["listed", "written"], store.List().Order());
        store.Replace([(s_key, "listed", 3)], 8);
        Assert.Equal(["listed"], store.List());
        store.Observe(new("default", "mine"), "written", 7);
        Assert.Equal(["listed"], store.List());
    }

    [Fact]
    public void Owners_are_found_whatever_changes_hands()
    {
        ObjectStore<(string Name, string Owner)[]> store = new(view => new ObjectKey("default", view[0].Owner));
        store.Advance(s_key, [("a", "one")], 1);
        store.Advance(s_key, [("a", "two")], 2);
        Assert.Empty(store.OwnedBy(new("default", "one")));
        Assert.Single(store.OwnedBy(new("default", "two")));
        store.Advance(s_key, null, 3);
        Assert.Empty(store.OwnedBy(new("default", "two")));
    }

    private static void Run((ulong Version, string? Value)[] history, List<(ulong Version, string? Value)> answers, bool[] order)
    {
        ObjectStore<string> store = new(_ => null);
        var (nextEvent, nextAnswer, told) = (0, 0, (string?)null);
        store.Changed += (_, before, after) =>
        {
            Assert.Equal(told, before);
            told = after;
        };
        foreach (var isEvent in order)
        {
            if (isEvent)
            {
                var change = history[nextEvent++];
                store.Advance(s_key, change.Value, change.Version);
            }
            else
            {
                // An answer is there only after the write, not after later ones: what it shows may be old by then.
                var answer = answers[nextAnswer++];
                store.Observe(s_key, answer.Value!, answer.Version);
                var seen = store.Get(s_key);
                var newest = history.Where(write => write.Version >= answer.Version).Select(write => write.Value);
                Assert.Contains(seen, newest);
            }
        }

        Assert.Equal(history[^1].Value, store.Get(s_key));
        Assert.Equal(history[^1].Value, told);
    }

    private static IEnumerable<bool[]> Interleavings(int events, int answers)
    {
        var length = events + answers;
        for (var bits = 0; bits < 1 << length; bits++)
        {
            if (int.PopCount(bits) == events) yield return [.. Enumerable.Range(0, length).Select(index => (bits >> index & 1) == 1)];
        }
    }
}
