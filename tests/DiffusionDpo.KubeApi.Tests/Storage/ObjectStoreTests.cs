using System.Text.Json.Nodes;
using KubeApi.Storage;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Storage;

public sealed class ObjectStoreTests
{
    private const string Things = "things";
    private readonly ObjectStore _store = new();

    [Fact]
    public void Every_write_has_its_own_higher_version()
    {
        var first = Create("a");
        var second = Create("b");
        Assert.Equal(WriteResult.Written, _store.Update(Things, first, first.Document(), out var third));
        Assert.Equal(WriteResult.Written, _store.Delete(Things, second, out var fourth));
        long[] versions = [first.ResourceVersion, second.ResourceVersion, third.ResourceVersion, fourth.ResourceVersion];
        Assert.Equal(versions.Order().Distinct(), versions);
        Assert.Equal(fourth.ResourceVersion, _store.ResourceVersion);
    }

    [Fact]
    public void A_write_on_an_older_state_is_a_conflict()
    {
        var first = Create("a");
        _store.Update(Things, first, first.Document(), out _);
        Assert.Equal(WriteResult.Conflict, _store.Update(Things, first, first.Document(), out _));
        Assert.Equal(WriteResult.Conflict, _store.Delete(Things, first, out _));
    }

    [Fact]
    public void What_is_gone_is_not_found_and_can_be_made_again()
    {
        var first = Create("a");
        _store.Delete(Things, first, out _);
        Assert.Equal(WriteResult.NotFound, _store.Update(Things, first, first.Document(), out _));
        Assert.Equal(WriteResult.Written, _store.Create(Things, first.Key, first.Document(), out _));
        Assert.Equal(WriteResult.AlreadyExists, _store.Create(Things, first.Key, first.Document(), out _));
    }

    [Fact]
    public void The_past_can_be_listed_until_it_is_compacted()
    {
        var a = Create("a");
        var b = Create("b");
        _store.Delete(Things, a, out var deleted);
        Create("c");
        Assert.Equal(["a", "b"], Names(b.ResourceVersion));
        Assert.Equal(["b"], Names(deleted.ResourceVersion));
        Assert.Equal(["b", "c"], Names(_store.ResourceVersion));
        _store.Compact(deleted.ResourceVersion);
        Assert.Equal(["b"], Names(deleted.ResourceVersion));
        Assert.Throws<CompactedException>(() => Names(b.ResourceVersion));
    }

    [Fact]
    public void Changes_of_one_collection_and_of_all_come_in_order()
    {
        var start = _store.ResourceVersion;
        var a = Create("a");
        Create("x", "others");
        _store.Delete(Things, a, out _);
        Assert.Equal([ChangeKind.Added, ChangeKind.Deleted], _store.Changes(Things, start).Changes.Select(change => change.Kind));
        Assert.Equal([Things, "others", Things], _store.AllChanges(start).Changes.Select(change => change.Collection));
        Assert.Equal([Things], _store.AllChanges(_store.ResourceVersion - 1).Changes.Select(change => change.Collection));
    }

    [Fact]
    public void The_next_change_ends_the_wait()
    {
        var (_, next, _) = _store.Changes(Things, _store.ResourceVersion);
        Create("x", "others");
        Assert.False(next.IsCompleted);
        Create("a");
        Assert.True(next.IsCompleted);
    }

    [Fact]
    public void The_history_is_bounded()
    {
        var store = new ObjectStore { HistoryLimit = 100 };
        store.Create(Things, new ObjectKey("ns", "a"), Document("a"), out var stored);
        for (var count = 0; count < 1000; count++)
            store.Update(Things, stored, stored.Document(), out stored);
        Assert.True(store.ResourceVersion - store.Oldest <= 101);
        Assert.Equal(store.ResourceVersion - store.Oldest, store.AllChanges(store.Oldest).Changes.Count);
        Assert.Equal(store.ResourceVersion - store.Oldest, store.Changes(Things, store.Oldest).Changes.Count);
        Assert.Single(store.ListAt(Things, store.Oldest));
    }

    [Fact]
    public void A_stored_object_cannot_be_changed_from_outside()
    {
        var document = Document("a");
        _store.Create(Things, new ObjectKey("ns", "a"), document, out var stored);
        document["data"] = "changed";
        stored.Document()["data"] = "changed too";
        Assert.Null(_store.Get(Things, stored.Key)!.Document()["data"]);
    }

    private StoredObject Create(string name, string collection = Things)
    {
        Assert.Equal(WriteResult.Written, _store.Create(collection, new ObjectKey("ns", name), Document(name), out var stored));
        return stored;
    }

    private IEnumerable<string> Names(long version) => _store.ListAt(Things, version).Keys.Select(key => key.Name);

    private static JsonObject Document(string name) => new() { ["kind"] = "Thing", ["metadata"] = new JsonObject { ["name"] = name } };
}
