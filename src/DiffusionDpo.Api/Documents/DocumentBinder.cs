using System.Collections;
using DiffusionDpo.Api.Validation;

namespace DiffusionDpo.Api.Documents;

/// <summary>
/// Fills options records from a document, strictly: unknown, repeated, missing and empty keys and values of the wrong type are errors,
/// and all of them are found in one pass. The records themselves are the only definition of what is allowed.
/// </summary>
/// <param name="everyMember">Whether every member must be given (a run file), or only the required ones (what a user writes).</param>
internal sealed class DocumentBinder(bool everyMember)
{
    private const string NotAList = "must be a list — write its items with dashes";
    private const string NotAMap = "must be a map — write keys and values";

    private readonly List<ValidationError> errors = [];
    private readonly List<string> unread = [];
    private readonly Dictionary<string, Position> positions = [];

    /// <summary>What is wrong, in the order of the text.</summary>
    public IReadOnlyList<ValidationError> Errors => errors;

    /// <summary>Whether every value that is needed is there and has the right type; unknown and repeated keys do not count.</summary>
    public bool Complete => unread.Count == 0;

    /// <summary>Whether a value could not be read, or lies in one that could not, or is a list without an item that could not.</summary>
    public bool IsUnread(string path) =>
        unread.Any(u => path == u || GoesOn(path, u, '.') || GoesOn(u, path, '['));

    /// <summary>Where the value of a path stands, or the nearest value around it that the document holds.</summary>
    public Position PlaceOf(string path)
    {
        Position at;
        while (!positions.TryGetValue(path, out at) && path.Length > 0) path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
        return at;
    }

    /// <summary>Reads a value. Null where it cannot be read; then <see cref="Errors"/> says why.</summary>
    public object? Bind(Type type, DocumentNode node, string path)
    {
        positions[path] = node.At;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (node is ScalarNode { Kind: ScalarKind.Null }) return Fail(path, node.At, "is empty — give a value or remove the key");
        // Free-form fields (the API server's own bookkeeping) are nothing the run reads.
        if (type == typeof(object)) return null;
        if (TypeShape.ItemOf(type) is { } item) return node is ListNode list ? BindList(item, list, path) : Fail(path, node.At, NotAList);
        if (TypeShape.ValueOf(type) is { } value) return node is MapNode map ? BindMap(value, map, path) : Fail(path, node.At, NotAMap);
        if (node is ScalarNode scalar) return BindScalar(type, scalar, path);
        if (!TypeShape.IsRecord(type)) return Fail(path, node.At, "must be a single value — correct the indentation");
        return node is MapNode members ? BindRecord(type, members, path) : Fail(path, node.At, NotAMap);
    }

    private object? BindScalar(Type type, ScalarNode scalar, string path)
    {
        var (bound, error) = ScalarBinder.Bind(type, scalar);
        return error is null ? bound : Fail(path, scalar.At, error);
    }

    private IList BindList(Type item, ListNode list, string path)
    {
        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (Bind(item, list.Items[i], $"{path}[{i}]") is { } bound) items.Add(bound);
        }

        return items;
    }

    private IDictionary BindMap(Type value, MapNode map, string path)
    {
        var entries = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), value))!;
        foreach (var entry in WithoutRepetition(map, path))
        {
            if (Bind(value, entry.Value, Join(path, entry.Key)) is { } bound) entries[entry.Key] = bound;
        }

        return entries;
    }

    private object BindRecord(Type type, MapNode map, string path)
    {
        var members = RecordMember.Of(type);
        var record = Activator.CreateInstance(type)!;
        foreach (var entry in WithoutRepetition(map, path))
        {
            var property = members.FirstOrDefault(m => m.Name == entry.Key)?.Property;
            if (property is null) Unknown(entry, members, path);
            else if (Bind(property.PropertyType, entry.Value, Join(path, entry.Key)) is { } bound) property.SetValue(record, bound);
        }

        var needed = members.Where(m => m.Required || everyMember);
        foreach (var member in needed.Where(m => map.Entries.All(e => e.Key != m.Name))) Fail(Join(path, member.Name), map.At, "is required — add it");
        return record;
    }

    private IEnumerable<MapEntry> WithoutRepetition(MapNode map, string path)
    {
        var seen = new HashSet<string>();
        foreach (var entry in map.Entries)
        {
            if (seen.Add(entry.Key)) yield return entry;
            else Add(Join(path, entry.Key), entry.At, "is given twice — remove one");
        }
    }

    private void Unknown(MapEntry entry, IReadOnlyList<RecordMember> members, string path)
    {
        var names = members.Select(m => m.Name).ToList();
        var remedy = NearestName.Of(entry.Key, names) is { } nearest ? $"did you mean {nearest}?" : $"allowed are {string.Join(", ", names)}";
        Add(Join(path, entry.Key), entry.At, $"is not a known key — {remedy}");
    }

    private object? Fail(string path, Position at, string message)
    {
        unread.Add(path);
        Add(path, at, message);
        return null;
    }

    private void Add(string path, Position at, string message) =>
        errors.Add(new ValidationError(path, at.Line, at.Column, message));

    // Asked for every pair of an error and a finding: nothing is allocated.
    private static bool GoesOn(string path, string start, char with) =>
        path.Length > start.Length && path[start.Length] == with && path.StartsWith(start, StringComparison.Ordinal);

    private static string Join(string path, string key)
    {
        var isWord = key.Length is > 0 and <= 64 && key.All(c => char.IsAsciiLetterOrDigit(c) || "-_/".Contains(c));
        if (!isWord) return $"{path}[{OneLine.Quote(key)}]";
        return path.Length == 0 ? key : $"{path}.{key}";
    }
}
