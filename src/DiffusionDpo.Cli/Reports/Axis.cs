namespace DiffusionDpo.Cli.Reports;

/// <summary>Values on a line of pixels.</summary>
internal sealed class Axis
{
    private readonly double _low;
    private readonly double _high;
    private readonly double _from;
    private readonly double _to;

    /// <summary>An axis.</summary>
    /// <param name="values">What it has to hold; nothing: 0 to 1.</param>
    /// <param name="from">Pixel of the lowest value.</param>
    /// <param name="to">Pixel of the highest.</param>
    /// <param name="ticks">About how many marks.</param>
    public Axis(IEnumerable<double> values, double from, double to, int ticks)
    {
        double[] all = [.. values.Where(double.IsFinite)];
        (_low, _high) = all.Length == 0 ? (0, 1) : (all.Min(), all.Max());
        if (_high - _low < 1e-12 * Math.Max(1, Math.Abs(_high))) (_low, _high) = (_low - Room(_low), _high + Room(_high));
        (_from, _to) = (from, to);
        Ticks = [.. Marks(ticks)];
    }

    /// <summary>Round values within the axis.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>The pixel of a value.</summary>
    /// <param name="value">The value.</param>
    public double At(double value) => _from + ((value - _low) / (_high - _low) * (_to - _from));

    private static double Room(double value) => value == 0 ? 1 : Math.Abs(value) / 10;

    private IEnumerable<double> Marks(int ticks)
    {
        double rough = (_high - _low) / ticks;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * (rough / power) switch { > 5 => 10, > 2 => 5, > 1 => 2, _ => 1 };
        for (long at = (long)Math.Ceiling((_low / step) - 1e-9); at * step <= _high + (1e-9 * step); at++) yield return at * step;
    }
}
