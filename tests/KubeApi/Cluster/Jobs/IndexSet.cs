using System.Globalization;

namespace KubeApi.Cluster.Jobs;

/// <summary>Completion indexes as a Job's status writes them: "0-2,5".</summary>
internal static class IndexSet
{
    public static SortedSet<int> Parse(string? text)
    {
        var indexes = new SortedSet<int>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
            for (var index = ends[0]; index <= ends[^1]; index++)
                indexes.Add(index);
        }

        return indexes;
    }

    /// <summary>Two in a row stay apart ("0,1"), three become a range.</summary>
    public static string Write(SortedSet<int> indexes)
    {
        var parts = new List<string>();
        foreach (var (first, last) in Runs(indexes))
        {
            parts.Add((last - first) switch
            {
                0 => $"{first}",
                1 => $"{first},{last}",
                _ => $"{first}-{last}",
            });
        }

        return string.Join(',', parts);
    }

    private static IEnumerable<(int First, int Last)> Runs(SortedSet<int> indexes)
    {
        int? first = null;
        var last = 0;
        foreach (var index in indexes)
        {
            if (first is { } start && index != last + 1)
            {
                yield return (start, last);
                first = index;
            }

            first ??= index;
            last = index;
        }

        if (first is { } rest)
            yield return (rest, last);
    }
}
