namespace Benchmarks.Operators;

/// <summary>How long a recorded operator takes when nothing else runs in the process.</summary>
/// <param name="Operator">The operator.</param>
/// <param name="Calls">Seconds of each call; none where the operator is a view or could not be called.</param>
internal sealed record AloneTime(RecordedOperator Operator, double[] Calls)
{
    public bool IsView { get; private init; }

    public bool IsMeasured => Calls.Length > 0;

    /// <summary>The step's share of this operator: fastest call alone, times how often the step called it.</summary>
    public double Best => IsMeasured ? Calls.Min() * Operator.Count : 0;

    public static AloneTime View(RecordedOperator recorded) => new(recorded, []) { IsView = true };

    public static AloneTime NotMeasured(RecordedOperator recorded) => new(recorded, []);
}
