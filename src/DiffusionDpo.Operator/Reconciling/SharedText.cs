using System.Collections.Concurrent;

namespace DiffusionDpo.Operator.Reconciling;

/// <summary>
/// One copy of texts that thousands of cached objects have: types, reasons and sentences of conditions, namespaces. What is new once there are
/// many stays as it is, since somebody else may write whatever text.
/// </summary>
internal static class SharedText
{
    private const int Most = 4096;
    private static readonly ConcurrentDictionary<string, string> s_known = new(StringComparer.Ordinal);

    /// <summary>The shared copy of a text.</summary>
    public static string? Of(string? text)
    {
        if (text is null) return null;
        if (s_known.TryGetValue(text, out var known)) return known;
        return s_known.Count < Most ? s_known.GetOrAdd(text, text) : text;
    }
}
