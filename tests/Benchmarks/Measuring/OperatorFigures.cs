namespace Benchmarks.Measuring;

/// <summary>What libtorch's observer saw of a step, per step.</summary>
internal sealed record OperatorFigures
{
    public required int Calls { get; init; }

    /// <summary>Distinct pairs of operator and argument form.</summary>
    public required int Distinct { get; init; }

    /// <summary>Σ of each operator's fastest call alone × its calls; views count 0.</summary>
    public required double AloneSeconds { get; init; }

    /// <summary>
    /// Share of an observed step outside all operators: C#, the calls into libtorch, and autograd's own bookkeeping in C++. The observer's own
    /// time is taken off as far as it sees it, so this is an upper bound of the managed overhead.
    /// </summary>
    public required double OutsideShare { get; init; }

    /// <summary>Share of the operators' time in the step that belongs to operators which could not be called alone.</summary>
    public required double NotMeasuredShare { get; init; }

    /// <summary>The most expensive operators, all argument forms together.</summary>
    public required IReadOnlyList<OperatorLine> Lines { get; init; }
}

/// <summary>One operator's row.</summary>
/// <param name="Name">Qualified name.</param>
/// <param name="Calls">Calls per step.</param>
/// <param name="InPlace">Milliseconds per step, in the step.</param>
/// <param name="Alone">Milliseconds per step, from the fastest call alone.</param>
internal sealed record OperatorLine(string Name, int Calls, double InPlace, double Alone);
