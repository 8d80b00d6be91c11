using System.CommandLine;
using System.CommandLine.Parsing;
using DiffusionDpo.Api.Documents;
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
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError error in parsed.Errors) Console.Error.WriteLine($"error: {error.Message.TrimEnd('.')}{Suggestion(parsed, error)}");
            Console.Error.WriteLine($"see: ddpo {string.Join(' ', Path(parsed))}--help");
            return (int)ExitClass.UserError;
        }

        // Signals are ours: the library's own handler would end the process before the last step is saved.
        InvocationConfiguration invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return Guard(() => parsed.Invoke(invocation), FailureReport.For(parsed));
    }

    /// <summary>Runs an action and translates its failure.</summary>
    /// <param name="action">Returns the exit code.</param>
    /// <param name="report">Where failures are told.</param>
    public static int Guard(Func<int> action, FailureReport report)
    {
        try
        {
            return action();
        }
        catch (RunException failure)
        {
            report.Write(failure);
            if (Environment.GetEnvironmentVariable("DDPO_DEBUG") == "1") Console.Error.WriteLine(failure);
            return (int)failure.ExitClass;
        }
        catch (Exception defect)
        {
            Console.Error.WriteLine($"internal error, please report it: {defect}");
            return InternalErrorCode;
        }
    }

    private static string Suggestion(ParseResult parsed, ParseError error)
    {
        string? unknown = parsed.UnmatchedTokens.FirstOrDefault(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal));
        Command command = parsed.CommandResult.Command;
        string? nearest = unknown is null ? null : NearestName.Of(unknown, command.Options.Select(option => option.Name).Concat(command.Subcommands.Select(sub => sub.Name)));
        return nearest is null ? "" : $" — did you mean {nearest}?";
    }

    private static IEnumerable<string> Path(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? [] : [parsed.CommandResult.Command.Name, ""];
}
