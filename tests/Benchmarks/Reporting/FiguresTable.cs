using Benchmarks.Cases;
using Benchmarks.Measuring;
using DiffusionDpo.Training.Steps;

namespace Benchmarks.Reporting;

/// <summary>All figures as one table in Markdown, ready for docs/benchmarks.md.</summary>
internal static class FiguresTable
{
    private static readonly (string Title, Func<Figures, string> Cell)[] Columns =
    [
        ("case", figures => figures.Case),
        ("threads", figures => $"{figures.Threads}"),
        ("steps/s", figures => $"{1 / figures.MedianStep:G3}"),
        ("ms/step median (best)", figures => $"{Milliseconds(figures.MedianStep)} ({Milliseconds(figures.BestStep)})"),
        ("CPU ms/step", figures => Milliseconds(figures.BestCpu)),
        ("data", figures => Phase(figures, StepPhase.Data)),
        ("policy", figures => Phase(figures, StepPhase.PolicyForward)),
        ("reference", figures => Phase(figures, StepPhase.Reference)),
        ("backward", figures => Phase(figures, StepPhase.Backward)),
        ("optimizer", figures => Phase(figures, StepPhase.Optimizer)),
        ("peak MiB (before)", figures => $"{figures.PeakMebibytes:F0} ({figures.MebibytesBefore:F0})"),
        ("activations MiB", figures => $"{figures.ActivationMebibytes:F0}"),
        ("kernel share", figures => $"{figures.KernelShare:P1}"),
        ("outside operators", figures => $"{figures.Operators.OutsideShare:P1}"),
        ("Python ms/step median (best)", figures => Reference(figures, each => $"{Milliseconds(each.MedianStepS)} ({Milliseconds(each.BestStepS)})")),
        ("Python MiB", figures => Reference(figures, each => $"{each.PeakRssMib:F0}")),
        ("× Python (best, CPU)", figures => Reference(figures, each => $"{figures.BestCpu / each.BestCpuSPerStep:F2}")),
    ];

    public static void Write(TextWriter output, IReadOnlyList<Figures> all)
    {
        string[][] rows = [[.. Columns.Select(column => column.Title)], .. all.Select(figures => Columns.Select(column => column.Cell(figures)).ToArray())];
        int[] widths = [.. Columns.Select((_, i) => rows.Max(row => row[i].Length))];
        WriteRow(output, rows[0], widths);
        WriteRow(output, [.. widths.Select(width => new string('-', width))], widths);
        foreach (string[] row in rows[1..]) WriteRow(output, row, widths);
    }

    private static void WriteRow(TextWriter output, string[] cells, int[] widths) =>
        output.WriteLine($"| {string.Join(" | ", cells.Select((cell, i) => cell.PadRight(widths[i])))} |");

    private static string Milliseconds(double seconds) => seconds < 1 ? $"{1000 * seconds:F1}" : $"{1000 * seconds:F0}";

    private static string Phase(Figures figures, StepPhase phase) => Milliseconds(figures.PhaseMilliseconds[phase] / 1000);

    private static string Reference(Figures figures, Func<ReferenceFigures, string> cell) =>
        ReferenceFigures.For(figures.Case, figures.Threads) is { } reference ? cell(reference) : "–";
}
