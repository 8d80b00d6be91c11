using System.Text;
using DiffusionDpo.Cli.Display;

namespace DiffusionDpo.Cli.Fields;

/// <summary>Fields as text for a terminal.</summary>
/// <param name="width">Characters of a line.</param>
/// <param name="colours">Of the fields' names.</param>
internal sealed class FieldPages(int width, Colours colours)
{
    private const string Indent = "  ";

    /// <summary>Writes them.</summary>
    /// <param name="fields">In order.</param>
    public string Render(IReadOnlyList<Field> fields)
    {
        StringBuilder page = new();
        foreach (Field field in fields)
        {
            page.AppendLine(colours.Strong(field.Path));
            Lines(page, Facts(field));
            Lines(page, field.Summary);
            foreach ((string choice, string meaning) in field.Meanings) Lines(page, $"{choice}: {meaning}");
        }

        return page.ToString();
    }

    private static string Facts(Field field) =>
        field.Allowed + (field.IsRequired ? "; required" : field.Default is { } value ? $"; default {value}" : "");

    private void Lines(StringBuilder page, string text)
    {
        foreach (string line in TextWidth.Wrap(text, width - Indent.Length)) page.Append(Indent).AppendLine(line);
    }
}
