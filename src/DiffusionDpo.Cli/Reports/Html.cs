using System.Globalization;
using System.Net;

namespace DiffusionDpo.Cli.Reports;

/// <summary>Text and numbers for a page; numbers are written the same in every country.</summary>
internal static class Html
{
    /// <summary>Text as it stands between tags and in attributes.</summary>
    /// <param name="text">Anything.</param>
    public static string Text(object? text) => WebUtility.HtmlEncode(Convert.ToString(text, CultureInfo.InvariantCulture) ?? "");

    /// <summary>A name as words: policyForward is policy forward.</summary>
    /// <param name="name">In camel case.</param>
    public static string Words(string name) => string.Concat(name.Select(letter => char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{letter}"));

    /// <summary>A coordinate: two digits are a hundredth of a pixel.</summary>
    /// <param name="value">Pixels.</param>
    public static string At(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A number for people: three or four digits that count.</summary>
    /// <param name="value">The number.</param>
    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e6 or < 1e-3 => value.ToString("0.##e0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    /// <summary>A share in percent.</summary>
    /// <param name="share">0 to 1.</param>
    public static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %";

    /// <summary>A duration such as 1 h 05 min, 3 min 20 s, 4.2 s.</summary>
    /// <param name="time">The duration.</param>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalHours: >= 1 } => $"{(int)time.TotalHours} h {time.Minutes:00} min",
        { TotalMinutes: >= 1 } => $"{time.Minutes} min {time.Seconds:00} s",
        _ => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
    };
}
