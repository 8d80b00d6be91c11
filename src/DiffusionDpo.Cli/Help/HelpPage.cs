using System.CommandLine;
using System.Text;
using DiffusionDpo.Cli.Display;

namespace DiffusionDpo.Cli.Help;

/// <summary>The help of a command as a page of text: no line is longer than the width.</summary>
/// <param name="command">The command.</param>
/// <param name="width">Characters of a line.</param>
/// <param name="colours">Of headings.</param>
internal sealed class HelpPage(Command command, int width, Colours colours)
{
    private const string Indent = "  ";
    private const string Continued = " \\";

    private readonly StringBuilder _page = new();

    /// <summary>Writes the page.</summary>
    public string Render()
    {
        foreach (string line in TextWidth.Wrap(command.Description ?? "", width)) _page.AppendLine(line);
        Section("Usage:", [Usage()]);
        Table("Arguments:", command.Arguments.Select(argument => (Label(argument), argument.Description ?? "")));
        Table("Commands:", command.Subcommands.Where(each => !each.Hidden).Select(each => (Label(each), FirstSentence(each.Description ?? ""))));
        Table("Options:", command.Options.Where(option => !option.Hidden).Concat(Inherited()).Select(option => (Label(option), Describe(option))));
        HelpNote note = HelpNotes.All[Name()];
        Section("Examples:", [.. note.Examples.SelectMany(example => TextWidth.Wrap($"# {example.What}", width - Indent.Length).Concat(Broken(example.Line)))]);
        Section("Exit codes:", TextWidth.Wrap($"{note.ExitCodes}; all of them: docs/exit-codes.md", width - Indent.Length));
        return _page.ToString();
    }

    private string Name() => command is RootCommand ? "ddpo" : command.Name;

    private IEnumerable<Option> Inherited() => command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive);

    private string Usage() => string.Join(' ', (string[])
    [
        command is RootCommand ? "ddpo" : $"ddpo {command.Name}",
        .. command.Subcommands.Count > 0 ? ["<command>"] : Array.Empty<string>(),
        .. command.Arguments.Select(Label),
        "[options]",
    ]);

    private void Section(string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0) return;
        _page.AppendLine().AppendLine(colours.Strong(title));
        foreach (string line in lines) _page.Append(Indent).AppendLine(line);
    }

    private void Table(string title, IEnumerable<(string Label, string Text)> entries)
    {
        (string Label, string Text)[] rows = [.. entries];
        if (rows.Length == 0) return;
        int left = rows.Select(row => row.Label.Length).Where(length => length <= width / 2 - 4).DefaultIfEmpty(width / 4).Max();
        Section(title, [.. rows.SelectMany(row => Row(row.Label, TextWidth.Wrap(row.Text, width - left - (2 * Indent.Length)), left))]);
    }

    private static IEnumerable<string> Row(string label, IReadOnlyList<string> text, int left)
    {
        bool besides = label.Length <= left;
        if (!besides || text.Count == 0) yield return label;
        foreach ((int index, string line) in text.Index()) yield return (besides && index == 0 ? label : "").PadRight(left) + Indent + line;
    }

    // A command line that can be pasted however narrow the terminal is.
    private IEnumerable<string> Broken(string line)
    {
        IReadOnlyList<string> parts = TextWidth.Wrap(line, width - Indent.Length);
        if (parts.Count > 1) parts = TextWidth.Wrap(line, width - (2 * Indent.Length) - Continued.Length);
        return parts.Select((part, index) => (index == 0 ? "" : Indent) + part + (index < parts.Count - 1 ? Continued : ""));
    }

    private static string Label(Argument argument) =>
        (argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name}]" : $"<{argument.Name}>") + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "");

    private static string Label(Command each) => string.Join(' ', [each.Name, .. each.Arguments.Select(Label)]);

    private static string Label(Option option)
    {
        string names = string.Join(", ", option.Aliases.Where(alias => alias.StartsWith('-')).OrderBy(alias => alias.Length).Append(option.Name));
        bool isFlag = option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0;
        return isFlag ? names : $"{names} <{option.HelpName ?? option.Name.TrimStart('-')}>";
    }

    private static string Describe(Option option)
    {
        string text = option.Description ?? "";
        if (option.Required) text += " (required)";
        object? value = option.HasDefaultValue && !option.Hidden && option.ValueType != typeof(bool) ? option.GetDefaultValue() : null;
        return value?.ToString() is { Length: > 0 } shown ? $"{text} [default: {shown}]" : text;
    }

    // A point within a field's name ends nothing.
    private static string FirstSentence(string text)
    {
        int end = Enumerable.Range(0, text.Length).FirstOrDefault(at => text[at] is '.' or ';' or ':' && (at + 1 == text.Length || text[at + 1] == ' '));
        return end > 0 ? text[..end] + "." : text;
    }
}
