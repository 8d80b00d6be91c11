namespace DiffusionDpo.Operator.Crds;

/// <summary>Says in a few lines where a file departs from a text.</summary>
internal static class TextDifference
{
    /// <summary>Null where the file holds the text, else where and how they part.</summary>
    public static string? Describe(string path, string expected)
    {
        if (!File.Exists(path)) return $"{path} is missing";
        var actual = File.ReadAllText(path);
        if (actual == expected) return null;
        var (have, want) = (actual.Split('\n'), expected.Split('\n'));
        var same = have.Zip(want).TakeWhile(pair => pair.First == pair.Second).Count();
        var sameAtEnd = have.Skip(same).Reverse().Zip(want.Skip(same).Reverse()).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"""
            {path}:{same + 1}: {have.Length - same - sameAtEnd} lines differ from the {want.Length - same - sameAtEnd} that the types give, the first is
            - {LineOf(have, same)}
            + {LineOf(want, same)}
            """;
    }

    private static string LineOf(string[] lines, int index) => index < lines.Length ? lines[index] : "(end of file)";
}
