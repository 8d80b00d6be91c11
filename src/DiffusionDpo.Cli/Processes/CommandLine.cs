using System.CommandLine;
using System.CommandLine.Invocation;
using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Cli.Processes;

/// <summary>The edge of the process: failures become one line on standard error and an exit code, once, here.</summary>
internal static class CommandLine
{
    /// <summary>EX_SOFTWARE: a defect of ours; the operator counts it as Unknown.</summary>
    private const int InternalErrorCode = 70;

    /// <summary>Parses and runs.</summary>
    /// <param name="root">The commands.</param>
    /// <param name="arguments">The process arguments.</param>
    /// <returns>The exit code.</returns>
    public static int Run(RootCommand root, string[] arguments)
    {
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction wrong)
        {
            wrong.ShowHelp = false;
            _ = wrong.Invoke(parsed);
            Console.Error.WriteLine($"see: ddpo {string.Join(' ', Path(parsed))}--help");
            return (int)ExitClass.UserError;
        }

        // Signals are ours: the library's own handler would end the process before the last step is saved.
        InvocationConfiguration invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return Guard(() => parsed.Invoke(invocation));
    }

    /// <summary>Runs an action and translates its failure.</summary>
    /// <param name="action">Returns the exit code.</param>
    public static int Guard(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (RunException failure)
        {
            Report(failure);
            return (int)failure.ExitClass;
        }
        catch (Exception defect)
        {
            Console.Error.WriteLine($"internal error, please report it: {defect}");
            return InternalErrorCode;
        }
    }

    private static void Report(RunException failure)
    {
        string mark = failure.ExitClass == ExitClass.PreemptedSaved ? "stopped" : "error";
        Console.Error.WriteLine($"{mark}: {failure.Message}");
        if (Environment.GetEnvironmentVariable("DDPO_DEBUG") == "1") Console.Error.WriteLine(failure);
    }

    private static IEnumerable<string> Path(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? [] : [parsed.CommandResult.Command.Name, ""];
}
