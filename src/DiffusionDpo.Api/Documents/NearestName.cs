namespace DiffusionDpo.Api.Documents;

/// <summary>Finds what a user probably meant to write.</summary>
public static class NearestName
{
    /// <summary>The candidate with the fewest edits from <paramref name="name"/>, or null where all are too far to be a slip.</summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        // Longer than any name by far: no slip, and the distance would cost time.
        if (name.Length > 64) return null;
        return candidates
            .Select(candidate => (candidate, distance: Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(c => c.distance <= Math.Max(2, c.candidate.Length / 3) || Extends(name, c.candidate))
            .OrderBy(c => c.distance).ThenBy(c => c.candidate, StringComparer.Ordinal)
            .FirstOrDefault().candidate;
    }

    // globalBatchSize for globalBatch: many edits, one thought.
    private static bool Extends(string name, string candidate) => name.StartsWith(candidate, StringComparison.OrdinalIgnoreCase);

    // Levenshtein with two rows.
    private static int Distance(string a, string b)
    {
        var above = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(replace, Math.Min(above[j], row[j - 1]) + 1);
            }

            above = row;
        }

        return above[b.Length];
    }
}
