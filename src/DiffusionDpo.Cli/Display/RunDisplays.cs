using Spectre.Console;

namespace DiffusionDpo.Cli.Display;

/// <summary>The displays, and which one fits where the output goes.</summary>
internal static class RunDisplays
{
    /// <summary>JSON lines where asked for, a live terminal where there is one, plain lines elsewhere.</summary>
    /// <param name="json">JSON lines were asked for.</param>
    /// <param name="time">The clock.</param>
    public static IRunDisplay For(bool json, TimeProvider time)
    {
        if (json) return new JsonDisplay(Console.Out, time);
        bool terminal = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
        return terminal ? new LiveDisplay(AnsiConsole.Console, time) : new PlainDisplay(Console.Out, time);
    }
}
