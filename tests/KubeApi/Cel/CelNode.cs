namespace KubeApi.Cel;

/// <summary>A node of a parsed expression.</summary>
internal abstract record CelNode(int Position)
{
    internal sealed record Constant(object? Value, int Position) : CelNode(Position);

    internal sealed record Name(string Text, int Position) : CelNode(Position);

    internal sealed record Field(CelNode Target, string Member, int Position) : CelNode(Position);

    /// <summary>has(a.b)</summary>
    internal sealed record Has(CelNode Target, string Member, int Position) : CelNode(Position);

    internal sealed record Index(CelNode Target, CelNode Key, int Position) : CelNode(Position);

    /// <summary>A function, or a method where there is a target. Operators are functions too.</summary>
    internal sealed record Call(CelNode? Target, string Function, IReadOnlyList<CelNode> Arguments, int Position) : CelNode(Position);

    /// <summary>all, exists, exists_one, filter, map over a list's items or a map's keys.</summary>
    internal sealed record Each(CelNode Target, string Macro, string Variable, CelNode Body, CelNode? Then, int Position) : CelNode(Position);

    internal sealed record Choice(CelNode Condition, CelNode Yes, CelNode No, int Position) : CelNode(Position);

    internal sealed record List(IReadOnlyList<CelNode> Items, int Position) : CelNode(Position);

    internal sealed record Map(IReadOnlyList<(CelNode Key, CelNode Value)> Entries, int Position) : CelNode(Position);
}
