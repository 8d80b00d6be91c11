using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Help;
using DiffusionDpo.Models.Native;

namespace DiffusionDpo.Cli.Processes;

/// <summary>The edge of the process: failures become one line on standard error and an exit code, once, here.</summary>
internal static class CommandLine
{
    /// <summary>Parses and runs.</summary>
    /// <param name="root">The commands.</param>
    /// <param name="arguments">The process arguments.</param>
    /// <returns>The exit code.</returns>
    public static int Run(RootCommand root, string[] arguments)
    {
        HelpScreen.AddTo(root);
        ParseResult parsed = root.Parse(arguments);
        IReadOnlyList<string> wrong = UsageErrors.Of(parsed);
        foreach (string line in wrong) Console.Error.WriteLine($"{Colours.OfErrors.Bad("error:")} {line}");
        if (wrong.Count > 0) return (int)ExitClass.UserError;

        // Signals are ours: the library's own handler would end the process before the last step is saved.
        InvocationConfiguration invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return Guard(Invoke, FailureReport.For(parsed));

        int Invoke()
        {
            if (parsed.CommandResult.Command != root) LibTorch.Choose();
            return parsed.Invoke(invocation);
        }
    }

    /// <summary>Runs an action and translates its failure.</summary>
    /// <param name="action">Returns the exit code.</param>
    /// <param name="report">Where the failure is told.</param>
    public static int Guard(Func<int> action, FailureReport report)
    {
        try
        {
            return action();
        }
        catch (RunException failure)
        {
            report.Tell(failure);
            return (int)failure.ExitClass;
        }
        catch (IOException cause)
        {
            // Files are named where they are written; what has no name is what the user has redirected.
            report.Tell(new RunException(ExitClass.StorageError, $"standard output cannot be written: {cause.Message}; free space where it goes, or send it elsewhere", cause));
            return (int)ExitClass.StorageError;
        }
        catch (Exception defect)
        {
            report.Tell(defect);
            return (int)ExitClass.InternalError;
        }
    }
}
