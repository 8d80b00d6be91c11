using System.Text;
using Science.Experiments;

namespace Science.Reporting;

/// <summary>The page: one section for each experiment; running one replaces its section and leaves the others.</summary>
internal sealed class SciencePage(string directory)
{
    private const string Head = """
        # What was measured, and what would refute it

        The theory behind the trainer, tried on problems whose answer is known. Every experiment drives the product's own objective, noise schedule, noise
        sharing, training step and sampler (`src/DiffusionDpo.Training`, `src/DiffusionDpo.Models`); only the data and the networks are small. `make science` runs
        all of them on two CPU cores in five to ten minutes and writes this page and its plots; `make science EXPERIMENT=name` runs one. Thresholds stand in
        `tests/Science`; an experiment that misses one is written here as **failed** and the command ends with 1. All draws are functions of the stated seeds, so
        the numbers repeat on one machine; elsewhere libtorch's kernels may round differently. Intervals are 95 %. Short forms of the experiments are ordinary
        tests (`tests/DiffusionDpo.Training.Tests/Experiments`). Equations are those of [Wallace et al. 2023](https://arxiv.org/abs/2311.12908).

        """;

    private readonly string page = Path.Combine(directory, "science.md");

    public void Write(IReadOnlyDictionary<string, Section> found)
    {
        string before = File.Exists(page) ? File.ReadAllText(page) : "";
        StringBuilder text = new(Head);
        foreach (IExperiment experiment in ExperimentList.All)
        {
            if (found.TryGetValue(experiment.Name, out Section? section))
                text.Append('\n').Append(Begin(experiment.Name)).Append(Of(experiment.Name, section)).Append(End(experiment.Name));
            else if (Kept(before, experiment.Name) is { } kept)
                text.Append('\n').Append(kept);
        }

        File.WriteAllText(page, text.ToString());
        string images = Path.Combine(directory, "images", "science");
        Directory.CreateDirectory(images);
        foreach (Plot plot in found.Values.SelectMany(section => section.Plots)) File.WriteAllText(Path.Combine(images, plot.File), plot.ToSvg());
    }

    private static string Begin(string name) => $"<!-- experiment {name} -->\n";

    private static string End(string name) => $"<!-- end of {name} -->\n";

    private static string Verdict(Section section) => section.Holds
        ? $"All {section.Checks.Count} claims hold"
        : $"Failed: {section.Checks.Count(check => !check.Holds)} of {section.Checks.Count} claims";

    private static string? Kept(string page, string name)
    {
        int from = page.IndexOf(Begin(name), StringComparison.Ordinal), to = page.IndexOf(End(name), StringComparison.Ordinal);
        return from < 0 || to < from ? null : page[from..(to + End(name).Length)];
    }

    private static string Of(string name, Section section)
    {
        StringBuilder text = new();
        text.Append($"## {section.Title}\n\n**{Verdict(section)}.** {section.Question}\n\n{section.Setup}\n\n");
        text.Append($"`make science EXPERIMENT={name}` · {section.Seeds}\n\n");
        foreach (Table table in section.Tables) text.Append(table.ToMarkdown()).Append("\n\n");
        foreach (Plot plot in section.Plots) text.Append($"![{plot.Title}](images/science/{plot.File})\n");
        if (section.Plots.Count > 0) text.Append('\n');
        if (section.Reading.Length > 0) text.Append(section.Reading).Append("\n\n");
        Table verdicts = new(["claim", "found", ""], [.. section.Checks.Select(check => new[] { check.Claim, check.Found, check.Holds ? "holds" : "**failed**" })]);
        return text.Append(verdicts.ToMarkdown()).Append($"\n\n*What would refute it:* {section.Refutation}\n").ToString();
    }
}
