using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using DiffusionDpo.Api.Documents;

namespace DiffusionDpo.Cli.Processes;

/// <summary>What is wrong with the arguments of a process: one line per problem, with the place to look it up.</summary>
internal static class UsageErrors
{
    /// <summary>All problems; none where help or the version was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        bool asksForHelp = parsed.Action is not ParseErrorAction && parsed.Action != parsed.CommandResult.Command.Action;
        if (asksForHelp) return [];
        return [.. Problems(parsed).Distinct().Select(problem => $"{problem}; see {Name(parsed)} --help")];
    }

    // A misspelt option is taken for an argument, and then the true argument is one too many: only the cause is worth a line.
    private static IEnumerable<string> Problems(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string[] options = [.. parsed.UnmatchedTokens.Concat(Arguments(parsed)).Where(token => token.StartsWith('-'))];
        if (options.Length > 0) return options.Select(option => Unknown("option", option, OptionNames(command)));
        if (command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count > 0)
            return [Unknown("command", parsed.UnmatchedTokens[0], command.Subcommands.Select(each => each.Name))];
        return parsed.Errors.Select(error => OnOneLine(error.Message).TrimEnd('.'));
    }

    private static IEnumerable<string> Arguments(ParseResult parsed) => parsed.CommandResult.Command.Arguments
        .Select(parsed.GetResult).OfType<ArgumentResult>().SelectMany(result => result.Tokens).Select(token => token.Value);

    private static IEnumerable<string> OptionNames(Command command) => command.Options.Concat(Root(command).Options).Select(option => option.Name);

    private static Command Root(Command command) => command.Parents.OfType<Command>().FirstOrDefault() ?? command;

    // The library names the runtime's types; all options that are parsed are numbers.
    private static string OnOneLine(string message)
    {
        int type = message.IndexOf(" as expected type", StringComparison.Ordinal);
        return type >= 0 ? message[..type] + " as a number" : string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Unknown(string kind, string token, IEnumerable<string> known) =>
        $"unknown {kind} '{token}'" + (NearestName.Of(token, known) is { } near ? $"; did you mean {near}?" : "");

    private static string Name(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? "ddpo" : $"ddpo {parsed.CommandResult.Command.Name}";
}
