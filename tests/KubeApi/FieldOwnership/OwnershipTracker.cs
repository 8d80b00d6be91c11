using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.FieldOwnership;

/// <summary>Keeps managedFields true through updates and server-side applies.</summary>
internal static class OwnershipTracker
{
    private static readonly FieldSet SystemFields = SetOfPaths(
        "apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace", "metadata.creationTimestamp", "metadata.selfLink",
        "metadata.uid", "metadata.generation", "metadata.managedFields", "metadata.resourceVersion", "metadata.deletionTimestamp",
        "metadata.deletionGracePeriodSeconds");

    /// <summary>An update by a manager: what it changed is its own now, what it removed is nobody's.</summary>
    public static void TrackUpdate(FieldSchema schema, JsonObject before, JsonObject after, ManagedFields fields, FieldOwner manager, string time)
    {
        var comparison = FieldComparison.Compare(schema, Bare(before), Bare(after));
        var changed = Owned(comparison.Modified.Union(comparison.Added));
        var removed = Owned(comparison.Removed);
        fields.Disown(manager, changed.Union(removed), time);
        var own = fields.Find(manager)?.Set ?? new FieldSet();
        fields.Set(manager, own.Difference(removed).Union(changed), time);
    }

    /// <summary>An apply: the merged object, or the conflicts that stand against it.</summary>
    public static JsonObject Apply(
        FieldSchema schema, JsonObject live, JsonObject applied, ManagedFields fields, FieldOwner manager, FieldSet? ignored, bool force,
        string time, out List<FieldConflict> conflicts)
    {
        var set = Owned(FieldComparison.SetOf(schema, applied)).Without(ignored);
        var last = fields.Find(manager)?.Set ?? new FieldSet();
        var merged = (JsonObject)TypedMerge.Merge(schema, live, applied)!;
        fields.Set(manager, set, time);
        Prune(schema, merged, last, fields);

        var comparison = FieldComparison.Compare(schema, Bare(live), Bare(merged));
        var changed = comparison.Modified.Union(comparison.Added);
        conflicts = [];
        foreach (var entry in fields.Entries.Where(entry => !entry.IsOf(manager)))
        {
            foreach (var path in entry.Set.Intersection(changed).Paths())
                conflicts.Add(new FieldConflict(entry, path));
        }

        if (conflicts.Count > 0 && !force)
            return merged;
        fields.Disown(manager, changed.Union(comparison.Removed), time);
        return merged;
    }

    /// <summary>The document without managedFields, which nobody owns.</summary>
    public static JsonObject Bare(JsonObject document)
    {
        var bare = document.Copy();
        bare.Metadata().Remove("managedFields");
        return bare;
    }

    private static FieldSet Owned(FieldSet set) => set.Difference(SystemFields);

    private static void Prune(FieldSchema schema, JsonObject merged, FieldSet last, ManagedFields fields)
    {
        var owned = fields.Entries.Aggregate(new FieldSet(), (all, entry) => all.Union(entry.Set));
        var gone = last.Difference(owned);
        foreach (var path in gone.Paths())
        {
            // What still holds something that is owned stays.
            var at = owned;
            foreach (var element in path)
                at = at?.Below(element);
            if (at is null || at.IsEmpty)
                TypedMerge.Remove(schema, merged, path.ToArray(), owned);
        }
    }

    private static FieldSet SetOfPaths(params IEnumerable<string> paths)
    {
        var set = new FieldSet();
        foreach (var path in paths)
            set.Insert(path.Split('.').Select(name => $"f:{name}"));
        return set;
    }
}
