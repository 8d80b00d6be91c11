using System.Text.RegularExpressions;

namespace DiffusionDpo.Cli.Tests.Documentation;

/// <summary>A block of a page that shows commands and what they answer: <c>$ command</c>, then lines in which <c>...</c> stands for anything.</summary>
internal sealed partial record ConsoleBlock(string Page, int Line, IReadOnlyList<ShownCommand> Commands)
{
    public static ConsoleBlock Of(string page, int line, IEnumerable<string> lines)
    {
        List<ShownCommand> commands = [];
        bool continues = false;
        foreach (string each in lines)
        {
            if (each.StartsWith("$ ", StringComparison.Ordinal)) commands.Add(new(each[2..], []));
            else if (continues) commands[^1] = commands[^1] with { Text = $"{commands[^1].Text}\n{each}" };
            else commands[^1].Output.Add(each);
            continues = each.EndsWith('\\') && commands[^1].Output.Count == 0;
        }

        return new(page, line, commands);
    }
}

/// <summary>A command and the output that the page shows; none is shown where it does not matter.</summary>
internal sealed partial record ShownCommand(string Text, List<string> Output)
{
    /// <summary>Whether the page says of the command before how it ended.</summary>
    public bool TellsTheExitCode => Text == "echo $?";

    /// <summary>Whether what came is what is shown.</summary>
    public bool Fits(string came)
    {
        if (Output.Count == 0) return true;
        string expected = Regex.Escape(string.Join('\n', Output)).Replace(@"\.\.\.", ".*", StringComparison.Ordinal);
        return Regex.IsMatch(came.TrimEnd('\n'), $@"\A{expected}\z", RegexOptions.Singleline);
    }
}
