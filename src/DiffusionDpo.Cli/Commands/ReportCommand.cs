using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Reports;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo report DIR</c>: writes a run's report anew.</summary>
internal static class ReportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> directory = new("DIR") { Description = "The output directory of a run: one that runs, was interrupted, or is finished." };
        Command command = new("report", "Write report.html of a run: curves, findings, samples before and after, data, time, options. `ddpo run` does it by itself at the end.") { directory };
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(RunReport.Write(Path.GetFullPath(parsed.GetRequiredValue(directory))));
            return (int)ExitClass.Succeeded;
        });
        return command;
    }
}
