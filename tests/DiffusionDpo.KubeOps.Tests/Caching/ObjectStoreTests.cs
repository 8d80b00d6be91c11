using DiffusionDpo.KubeOps.Caching;

namespace DiffusionDpo.KubeOps.Tests.Caching;

/// <summary>The answers to this process's writes and the watch's events of all writes reach a store in any order between the two.</summary>
public sealed class ObjectStoreTests
{
    private static readonly ObjectKey s_key = new("default", "a");
    private static readonly HashSet<ObjectKey> s_none = [];

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
        Sight<string> mine = new(new("default", "mine"), "u7", 7, "written"), other = new(s_key, "u3", 3, "listed");
        var known = store.Known;
        store.Observe(mine);
        store.Replace([other], 5, known, s_none);
        Assert.Equal(["listed", "written"], store.List().Order());
        store.Replace([other], 8, store.Known, s_none);
        Assert.Equal(["listed"], store.List());
        store.Observe(mine);
        Assert.Equal(["listed"], store.List());
    }

    [Fact]
    public void A_list_that_is_older_than_what_was_known_is_all_there_is()
    {
        ObjectStore<string> store = new(_ => null);
        store.Advance(new(s_key, "u1", 9, "new"));
        store.Advance(new(new("default", "ghost"), "u2", 10, "new"));
        store.Replace([new(s_key, "u1", 4, "old")], 5, store.Known, s_none);
        Assert.Equal(["old"], store.List());
        Assert.True(store.Advance(new(s_key, "u1", 6, "next")));
        Assert.Equal(["next"], store.List());
    }

    [Fact]
    public void Owners_are_found_whatever_changes_hands()
    {
        ObjectStore<string> store = new(owner => new ObjectKey("default", owner));
        store.Advance(new(s_key, "u", 1, "one"));
        store.Advance(new(s_key, "u", 2, "two"));
        Assert.Empty(store.OwnedBy(new("default", "one")));
        Assert.Single(store.OwnedBy(new("default", "two")));
        store.AdvanceGone(s_key, "u", 3);
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
                if (change.Value is null) store.AdvanceGone(s_key, Uid(history, change.Version), change.Version);
                else store.Advance(new(s_key, Uid(history, change.Version), change.Version, change.Value));
            }
            else
            {
                // An answer is there only after the write, not after later ones: what it shows may be old by then.
                var answer = answers[nextAnswer++];
                store.Observe(new(s_key, Uid(history, answer.Version), answer.Version, answer.Value!));
                var seen = store.Get(s_key);
                var newest = history.Where(write => write.Version >= answer.Version).Select(write => write.Value);
                Assert.Contains(seen, newest);
            }
        }

        Assert.Equal(history[^1].Value, store.Get(s_key));
        Assert.Equal(history[^1].Value, told);
    }

    // What is made after a deletion is another object of the same name.
    private static string Uid((ulong Version, string? Value)[] history, ulong version) => $"u{history.Count(write => write.Value is null && write.Version < version)}";

    private static IEnumerable<bool[]> Interleavings(int events, int answers)
    {
        var length = events + answers;
        for (var bits = 0; bits < 1 << length; bits++)
        {
            if (int.PopCount(bits) == events) yield return [.. Enumerable.Range(0, length).Select(index => (bits >> index & 1) == 1)];
        }
    }
}
