using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.FieldOwnership;

/// <summary>metadata.managedFields of one object: who owns which fields.</summary>
public sealed class ManagedFields
{
    private readonly List<ManagedFieldsEntry> _entries = [];

    public IReadOnlyList<ManagedFieldsEntry> Entries => _entries;

    public static ManagedFields Read(JsonObject document)
    {
        var fields = new ManagedFields();
        foreach (var entry in document.Metadata().Array("managedFields") ?? [])
        {
            if (entry is JsonObject json && json.Count > 0)
                fields._entries.Add(ManagedFieldsEntry.Read(json));
        }

        return fields;
    }

    public void Write(JsonObject document)
    {
        if (_entries.Count == 0)
        {
            document.Metadata().Remove("managedFields");
            return;
        }

        var ordered = _entries.OrderBy(entry => entry.Operation, StringComparer.Ordinal).ThenBy(entry => entry.Time, StringComparer.Ordinal);
        document.Metadata()["managedFields"] = new JsonArray([.. ordered.Select(entry => (JsonNode)entry.ToJson())]);
    }

    public ManagedFieldsEntry? Find(FieldOwner manager) => _entries.Find(entry => entry.IsOf(manager));

    /// <summary>Gives a manager a set; the time moves only when the set does.</summary>
    public void Set(FieldOwner manager, FieldSet set, string time)
    {
        var index = _entries.FindIndex(entry => entry.IsOf(manager));
        if (set.IsEmpty && manager.Operation != "Apply")
        {
            if (index >= 0)
                _entries.RemoveAt(index);
        }
        else if (index < 0)
            _entries.Add(new ManagedFieldsEntry(manager.Name, manager.Operation, manager.ApiVersion, manager.Subresource, time, set));
        else if (!_entries[index].Set.SameAs(set))
            _entries[index] = _entries[index] with { Set = set, Time = time };
    }

    /// <summary>Takes fields away from everyone but one manager.</summary>
    public void Disown(FieldOwner? except, FieldSet lost, string time)
    {
        for (var index = _entries.Count - 1; index >= 0; index--)
        {
            var entry = _entries[index];
            if (except is not null && entry.IsOf(except))
                continue;
            var left = entry.Set.Difference(lost);
            if (left.SameAs(entry.Set))
                continue;
            if (left.IsEmpty)
                _entries.RemoveAt(index);
            else
                _entries[index] = entry with { Set = left, Time = time };
        }
    }
}
