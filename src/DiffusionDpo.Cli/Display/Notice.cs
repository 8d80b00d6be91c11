namespace DiffusionDpo.Cli.Display;

/// <summary>One event of a run as a line for people and fields for machines.</summary>
/// <param name="Event">Stable name for machines, such as <c>checkpoint</c>.</param>
/// <param name="Text">The line for people.</param>
/// <param name="Fields">The same facts as JSON values.</param>
internal sealed record Notice(string Event, string Text, IReadOnlyDictionary<string, object?> Fields)
{
    /// <summary>A notice without fields of its own.</summary>
    /// <param name="name">Stable name for machines.</param>
    /// <param name="text">The line for people.</param>
    public static Notice Of(string name, string text) => new(name, text, new Dictionary<string, object?>());
}
