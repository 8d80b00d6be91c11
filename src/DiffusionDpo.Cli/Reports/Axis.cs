using System.Globalization;

namespace DiffusionDpo.Cli.Reports;

/// <summary>Values on a line of pixels.</summary>
internal sealed class Axis
{
    private const double Largest = 1e300; // so that differences stay finite
    private const double Smallest = 1e-300;
    private const int MostDigits = 9;

    private readonly double _low;
    private readonly double _high;
    private readonly double _from;
    private readonly double _to;
    private readonly double _step;

    /// <summary>An axis.</summary>
    /// <param name="values">What it has to hold; nothing: 0 to 1.</param>
    /// <param name="from">Pixel of the lowest value.</param>
    /// <param name="to">Pixel of the highest.</param>
    /// <param name="ticks">About how many marks.</param>
    /// <param name="whole">Mark whole numbers only.</param>
    public Axis(IEnumerable<double> values, double from, double to, int ticks, bool whole = false)
    {
        double[] all = [.. values.Where(double.IsFinite).Select(Bounded)];
        (_low, _high) = all.Length == 0 ? (0, 1) : (all.Min(), all.Max());
        if (_high - _low <= 1e-12 * Math.Max(Math.Abs(_low), Math.Abs(_high))) (_low, _high) = (_low - Room(_low), _high + Room(_high));
        (_from, _to) = (from, to);
        _step = Step((_high - _low) / ticks, whole);
        Ticks = [.. Marks()];
    }

    /// <summary>Round values within the axis.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>The pixel of a value.</summary>
    /// <param name="value">The value.</param>
    public double At(double value) => _from + ((Bounded(value) - _low) / (_high - _low) * (_to - _from));

    /// <summary>Whether a value lies between the ends.</summary>
    /// <param name="value">The value.</param>
    public bool Holds(double value) => value >= _low && value <= _high;

    /// <summary>A mark in as many digits as tell it from its neighbours.</summary>
    /// <param name="tick">One of <see cref="Ticks"/>.</param>
    public string Label(double tick)
    {
        double largest = Ticks.Max(Math.Abs);
        if (tick == 0) return "0";
        int ofStep = (int)Math.Floor(Math.Log10(_step) + 1e-9);
        if (largest < 1e6 && _step >= 1e-4) return tick.ToString($"#,0.{new string('0', Math.Max(0, -ofStep))}", CultureInfo.InvariantCulture);
        int digits = Math.Clamp((int)Math.Floor(Math.Log10(Math.Abs(tick)) + 1e-9) - ofStep, 0, MostDigits);
        return tick.ToString($"0.{new string('#', digits)}e0", CultureInfo.InvariantCulture);
    }

    private static double Bounded(double value) => Math.Abs(value) < Smallest ? 0 : Math.Clamp(value, -Largest, Largest);

    private static double Room(double value) => value == 0 ? 1 : Math.Abs(value) / 10;

    private static double Step(double rough, bool whole)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * (rough / power) switch { > 5 => 10, > 2 => 5, > 1 => 2, _ => 1 };
        return whole ? Math.Max(1, step) : step;
    }

    private IEnumerable<double> Marks()
    {
        for (long at = (long)Math.Ceiling((_low / _step) - 1e-9); at * _step <= _high + (1e-9 * _step); at++) yield return at * _step;
    }
}
