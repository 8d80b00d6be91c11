using System.Text;

namespace DiffusionDpo.Cli.Fields;

/// <summary>All fields as the table of docs/run-file.md.</summary>
internal static class FieldTable
{
    /// <summary>Writes it: one table for each section of <c>spec</c>.</summary>
    public static string Markdown()
    {
        StringBuilder table = new();
        foreach (IGrouping<string, Field> section in FieldCatalog.All.GroupBy(SectionOf))
        {
            table.AppendLine($"### {(section.Key.Length == 0 ? "spec" : $"spec.{section.Key}")}").AppendLine();
            table.AppendLine("| field | what may be written | default | meaning |").AppendLine("|---|---|---|---|");
            foreach (Field field in section) table.AppendLine($"| `{field.Path}` | {Cell(field.Allowed)} | {Default(field)} | {Cell(Meaning(field))} |");
            table.AppendLine();
        }

        return table.ToString().TrimEnd('\n') + "\n";
    }

    private static string SectionOf(Field field)
    {
        string first = field.Path.Split('.', '[')[0];
        return FieldCatalog.Get(first).Kind == "section" ? first : "";
    }

    private static string Default(Field field) =>
        field.IsRequired ? "required" : field.Default is { } value ? $"`{value}`" : field.Description.Contains("Preset:", StringComparison.Ordinal) ? "preset" : "";

    private static string Meaning(Field field) =>
        string.Join(' ', [field.Summary, .. field.Meanings.Select(each => $"`{each.Choice}`: {each.Meaning}")]);

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
