using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Completion;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo completions SHELL</c>: prints a shell's completion script.</summary>
internal static class CompletionsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> shell = new("SHELL") { Description = $"{string.Join(", ", CompletionScripts.All.Keys)}." };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.All.Keys]);
        Command command = new("completions", "Print a script that completes commands and options in a shell.") { shell };
        command.SetAction(parsed =>
        {
            Console.Out.Write(CompletionScripts.All[parsed.GetRequiredValue(shell)]);
            return (int)ExitClass.Succeeded;
        });
        return command;
    }
}
