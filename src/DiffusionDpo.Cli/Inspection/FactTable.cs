using Spectre.Console;

namespace DiffusionDpo.Cli.Inspection;

/// <summary>A titled table of names and values.</summary>
internal static class FactTable
{
    /// <summary>An empty one.</summary>
    /// <param name="title">The title.</param>
    public static Table Of(string title) =>
        new Table { Title = new TableTitle(Markup.Escape(title)) }.Border(TableBorder.Simple).HideHeaders().AddColumns("", "");

    /// <summary>Adds a row.</summary>
    /// <param name="table">The table.</param>
    /// <param name="name">What.</param>
    /// <param name="value">How much.</param>
    public static void Fact(this Table table, string name, string value) => table.AddRow(Markup.Escape(name), Markup.Escape(value));
}
