using Benchmarks.Measuring;

namespace Benchmarks.Reporting;

/// <summary>Where the time of a step goes, by operator.</summary>
internal static class OperatorTable
{
    public static void Write(TextWriter output, Figures figures, int lines)
    {
        OperatorFigures operators = figures.Operators;
        output.WriteLine();
        output.WriteLine(
            $"{figures.Case}, {figures.Threads} thread(s): {operators.Calls} operator calls, {operators.Distinct} distinct; "
            + $"{operators.NotMeasuredShare:P1} of their time could not be measured alone");
        output.WriteLine($"{"operator",-60} {"calls",6} {"in the step, ms",16} {"alone, ms",12}");
        foreach (OperatorLine line in operators.Lines.Take(lines))
            output.WriteLine($"{line.Name,-60} {line.Calls,6} {line.InPlace,16:F2} {line.Alone,12:F2}");
    }
}
