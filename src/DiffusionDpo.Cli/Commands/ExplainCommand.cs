using System.CommandLine;
using DiffusionDpo.Api.Documents;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Fields;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo explain [FIELD]</c>: what the fields of a fine-tune mean.</summary>
internal static class ExplainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string?> field = new("FIELD")
        {
            Description = "A field or section below spec, such as training.objective.beta; without it, all are listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        field.CompletionSources.Add(_ => FieldCatalog.All.Select(each => new System.CommandLine.Completions.CompletionItem(each.Path)));
        Option<bool> markdown = new("--markdown") { Description = "All fields as the table of docs/run-file.md." };
        Command command = new("explain", "Say what the fields of a fine-tune mean, what may be written there and what they are where nothing is.") { field, markdown };
        command.SetAction(parsed =>
        {
            Console.Out.Write(parsed.GetValue(markdown) ? FieldTable.Markdown() : new FieldPages(TextWidth.OfOutput, Colours.OfOutput).Render(Wanted(parsed.GetValue(field))));
            return (int)ExitClass.Succeeded;
        });
        return command;
    }

    private static IReadOnlyList<Field> Wanted(string? path)
    {
        if (path is null) return FieldCatalog.All;
        string place = path.StartsWith("spec.", StringComparison.Ordinal) ? path["spec.".Length..] : path;
        Field[] found = [.. FieldCatalog.All.Where(field => Plain(field.Path) == Plain(place) || Plain(field.Path).StartsWith($"{Plain(place)}.", StringComparison.Ordinal))];
        if (found.Length > 0) return found;
        string[] byName = [.. FieldCatalog.All.Where(field => Plain(field.Path).Split('.')[^1].Equals(place, StringComparison.OrdinalIgnoreCase)).Select(field => field.Path)];
        string? near = byName.FirstOrDefault() ?? NearestName.Of(place, FieldCatalog.All.Select(field => field.Path));
        throw new RunException(ExitClass.UserError, $"there is no field {place}{(near is null ? "; `ddpo explain` lists all" : $"; did you mean {near}?")}");
    }

    private static string Plain(string path) => path.Replace("[]", "", StringComparison.Ordinal);
}
