using System.Text.Json.Serialization;

namespace DiffusionDpo.Data.Feedback;

/// <summary>The scores of a row group; lists are as long as it has rows.</summary>
internal sealed record ScoredGroup
{
    private const int KeyDigits = 32;

    /// <summary>What people said of each row: a <see cref="HumanLabel"/>.</summary>
    [JsonPropertyName("human")]
    public required string Human { get; init; }

    /// <summary>Scores of the first images; null in a row that has none.</summary>
    [JsonPropertyName("score0")]
    public required IReadOnlyList<float?> Score0 { get; init; }

    /// <summary>Scores of the second images.</summary>
    [JsonPropertyName("score1")]
    public required IReadOnlyList<float?> Score1 { get; init; }

    /// <summary>The first images: halves of the SHA-256 of their bytes, in hex; empty in a row that has none.</summary>
    [JsonPropertyName("image0")]
    public required IReadOnlyList<string> Image0 { get; init; }

    /// <summary>The second images.</summary>
    [JsonPropertyName("image1")]
    public required IReadOnlyList<string> Image1 { get; init; }

    /// <summary>The prompts: halves of the SHA-256 of the texts, in hex; zeros where the scorer does not look at them.</summary>
    [JsonPropertyName("prompt")]
    public required IReadOnlyList<string> Prompt { get; init; }

    /// <summary>Rows that have no scores, and why.</summary>
    [JsonPropertyName("bad")]
    public required IReadOnlyDictionary<int, string> Bad { get; init; }

    /// <summary>Number of rows.</summary>
    [JsonIgnore]
    public int Rows => Human.Length;

    /// <summary>By how much the first image of a row is better; null in a row without scores.</summary>
    public double? MarginOf(int row) => Score0[row] is { } first && Score1[row] is { } second ? (double)first - second : null;

    /// <summary>Every score with what it is of.</summary>
    public IEnumerable<(ScoreKey Key, float Score)> Scores()
    {
        for (var row = 0; row < Rows; row++)
        {
            if (Score0[row] is { } first) yield return (Key(Image0[row], row), first);
            if (Score1[row] is { } second) yield return (Key(Image1[row], row), second);
        }
    }

    /// <summary>Whether it can be believed: all lists belong to the same rows, and a row has two finite scores or a reason.</summary>
    public bool IsSound() =>
        Human.All(HumanLabel.All.Contains)
        && Score0.Count == Rows && Score1.Count == Rows && Image0.Count == Rows && Image1.Count == Rows && Prompt.Count == Rows
        && Enumerable.Range(0, Rows).All(row => MarginOf(row) is { } margin
            ? double.IsFinite(margin) && !Bad.ContainsKey(row) && IsKey(Image0[row]) && IsKey(Image1[row]) && IsKey(Prompt[row])
            : Bad.GetValueOrDefault(row) is not null);

    private ScoreKey Key(string image, int row) => new(Parse(image), Parse(Prompt[row]));

    private static UInt128 Parse(string hex) => UInt128.Parse(hex, System.Globalization.NumberStyles.HexNumber);

    private static bool IsKey(string? text) => text is { Length: KeyDigits } && text.All(char.IsAsciiHexDigitLower);
}
