namespace OperatorBench.Reporting;

/// <summary>A measured value and what it may be at most.</summary>
internal sealed record Figure(string What, double Value, string Unit, double? Limit = null)
{
    public bool IsMissed => Limit is { } limit && !(Value <= limit);
}
