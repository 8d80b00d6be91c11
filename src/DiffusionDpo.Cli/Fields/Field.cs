namespace DiffusionDpo.Cli.Fields;

/// <summary>A field of a fine-tune, as its definition has it.</summary>
internal sealed record Field
{
    /// <summary>Its place below <c>spec</c>, such as <c>training.objective.beta</c>; a list's items are <c>data.sources[].uri</c>.</summary>
    public required string Path { get; init; }

    /// <summary>What it means, in the words of the type that it is a property of.</summary>
    public required string Description { get; init; }

    /// <summary>What may be written: <c>integer</c>, <c>number</c>, <c>text</c>, <c>true or false</c>, <c>list</c>, <c>section</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The words that are allowed; empty: there is no such list.</summary>
    public required IReadOnlyList<string> Choices { get; init; }

    /// <summary>Whether it must be given.</summary>
    public required bool IsRequired { get; init; }

    /// <summary>The value where it is not given; null: none, or a preset's.</summary>
    public string? Default { get; init; }

    /// <summary>Bounds in words, such as <c>1 to 4096</c>; empty: none.</summary>
    public required string Bounds { get; init; }

    /// <summary>What may be written, in words.</summary>
    public string Allowed => Choices.Count > 0 ? string.Join(" | ", Choices) : Bounds.Length > 0 ? $"{Kind}, {Bounds}" : Kind;

    /// <summary>The description without the list of choices that ends it.</summary>
    public string Summary => Choices.Count > 0 && Description.IndexOf($" {Choices[0]}: ", StringComparison.Ordinal) is >= 0 and var end ? Description[..end] : Description;

    /// <summary>What each choice means.</summary>
    public IEnumerable<(string Choice, string Meaning)> Meanings
    {
        get
        {
            string rest = Description[Summary.Length..] + " ";
            int[] starts = [.. Choices.Select(choice => rest.IndexOf($" {choice}: ", StringComparison.Ordinal)), rest.Length];
            foreach ((int index, string choice) in Choices.Index())
                if (starts[index] >= 0) yield return (choice, rest[(starts[index] + choice.Length + 3)..starts.Where(start => start > starts[index]).Min()].Trim());
        }
    }
}
