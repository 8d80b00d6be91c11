namespace DiffusionDpo.Api.Documents;

/// <summary>One value of a YAML or JSON document and where it stands: what the binder reads, whatever the syntax was.</summary>
internal abstract record DocumentNode(Position At);

/// <summary>A single value. <paramref name="Text"/> is the value without quotes.</summary>
internal sealed record ScalarNode(Position At, ScalarKind Kind, string Text) : DocumentNode(At);

/// <summary>A list.</summary>
internal sealed record ListNode(Position At, IReadOnlyList<DocumentNode> Items) : DocumentNode(At);

/// <summary>A map with its keys in the order of the text; a key may stand there twice.</summary>
internal sealed record MapNode(Position At, IReadOnlyList<MapEntry> Entries) : DocumentNode(At);

/// <summary>A key and its value.</summary>
internal sealed record MapEntry(Position At, string Key, DocumentNode Value);

/// <summary>What a scalar is by its own syntax.</summary>
internal enum ScalarKind
{
    /// <summary>Nothing.</summary>
    Null,

    /// <summary>A truth value.</summary>
    Boolean,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with a fraction or an exponent.</summary>
    Float,

    /// <summary>A text.</summary>
    String,
}
