using DiffusionDpo.Cli.Tests.Processes;

namespace DiffusionDpo.Cli.Tests.Terminals;

/// <summary>Runs <c>ddpo</c> in a terminal of its own, by util-linux's <c>script</c>: both streams are what a person would see.</summary>
internal static class Terminal
{
    public static string Show(string command, int width = 100, params (string Name, string Value)[] variables)
    {
        string line = $"stty cols {width} rows 30; exec {DdpoProcess.Executable} {command}";
        using DdpoProcess process = DdpoProcess.Start("script", ["-qec", line, "/dev/null"], [("TERM", "xterm-256color"), ("NO_COLOR", ""), ("COLUMNS", ""), .. variables]);
        return string.Join('\n', process.WaitForExit().Output);
    }
}
