using System.Text;
using DiffusionDpo.Cli.Stages;

namespace DiffusionDpo.Cli.Reports;

/// <summary>A run as one page: no scripts, nothing from elsewhere, light and dark as the reader has it.</summary>
/// <param name="facts">The run.</param>
internal sealed class ReportPage(RunFacts facts)
{
    private static readonly Lazy<string> s_style = new(() =>
    {
        using Stream style = typeof(ReportPage).Assembly.GetManifestResourceStream("report.css")!;
        return new StreamReader(style).ReadToEnd();
    });

    /// <summary>The page.</summary>
    /// <param name="refreshSeconds">Load it anew after so many seconds; null: the run is not live.</param>
    public string ToHtml(int? refreshSeconds = null)
    {
        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.Append("<meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">");
        if (refreshSeconds is { } seconds) page.Append($"<meta http-equiv=\"refresh\" content=\"{seconds}\">");
        page.Append($"<title>{Html.Text(facts.File.Name)} · Diffusion-DPO</title><style>{s_style.Value}</style></head><body><main>");
        AppendHead(page);
        AppendSamples(page);
        page.Append("<section><h2>Curves</h2><div class=\"charts\">").AppendJoin("", RunCharts.Of(facts.Log).Select(chart => chart.ToHtml())).Append("</div></section>");
        AppendTime(page);
        AppendData(page);
        AppendCheckpoints(page);
        AppendOptions(page);
        return page.Append("</main></body></html>\n").ToString();
    }

    private void AppendHead(StringBuilder page)
    {
        page.Append($"<header><h1>{Html.Text(facts.File.Name)}</h1><p class=\"state\">{Html.Text(facts.State)}</p></header><dl class=\"figures\">");
        Figure("objective", $"{facts.File.Training.Objective.Type}".ToLowerInvariant());
        if (facts.Log.HeldOutAfter is { } after) Figure("held-out accuracy", Html.Percent(after.Accuracy));
        if (facts.Log.Steps.Count > 0) Figure("pairs per second", Html.Number(facts.Log.Steps[^1].PairsPerSecond));
        Figure("training time", Html.Duration(facts.TrainingTime));
        page.Append("</dl>");
        IReadOnlyList<Finding> findings = Findings.Of(facts.Log);
        if (findings.Count == 0) return;
        page.Append("<ul class=\"findings\">").AppendJoin("", findings.Select(one => $"<li class=\"{(one.IsAlarm ? "alarm" : "fine")}\">{Html.Text(one.Text)}</li>")).Append("</ul>");

        void Figure(string name, string value) => page.Append($"<div><dt>{Html.Text(name)}</dt><dd>{Html.Text(value)}</dd></div>");
    }

    private void AppendSamples(StringBuilder page)
    {
        if (facts.Samples.Count == 0) return;
        page.Append("<section><h2>Before and after</h2><p>Left the base model, right the fine-tuned one, from the same noise.</p><div class=\"samples\">");
        foreach (SamplePair pair in facts.Samples)
        {
            page.Append($"<figure><div><img alt=\"before: {Html.Text(pair.Prompt)}\" src=\"{pair.Before}\"><img alt=\"after: {Html.Text(pair.Prompt)}\" src=\"{pair.After}\"></div>");
            page.Append($"<figcaption>{Html.Text(pair.Prompt)}</figcaption></figure>");
        }

        page.Append("</div></section>");
    }

    private void AppendTime(StringBuilder page)
    {
        (string Phase, double Seconds)[] phases =
        [
            .. facts.Log.Steps.SelectMany(step => step.PhaseSeconds).GroupBy(one => one.Key, (phase, all) => (phase, all.Sum(one => one.Value))),
        ];
        double sum = phases.Sum(one => one.Seconds);
        if (sum <= 0) return;
        page.Append("<section><h2>Time</h2><div class=\"phases\">");
        foreach ((int number, (string phase, double seconds)) in phases.Index())
            page.Append($"<div class=\"p{number}\" style=\"flex-grow:{Html.At(Math.Max(0.1, 100 * seconds / sum))}\" title=\"{Html.Text(phase)}\"></div>");
        page.Append("</div>");
        Table(page, ["phase", "time", "share"], phases.Index().Select(one => new[]
        {
            $"<span class=\"key p{one.Index}\">{Html.Text(one.Item.Phase)}</span>", Html.Duration(TimeSpan.FromSeconds(one.Item.Seconds)), Html.Percent(one.Item.Seconds / sum),
        }));
        page.Append("</section>");
    }

    private void AppendData(StringBuilder page)
    {
        page.Append("<section><h2>Data</h2>");
        List<string[]> rows = [.. facts.File.Data.Sources.Select(source => new[] { "training", Html.Text(source.Uri) })];
        rows.AddRange(facts.File.Data.HeldOut.Select(source => new[] { "held out", Html.Text(source.Uri) }));
        if (facts.Log.Last("train") is { } started)
        {
            foreach ((string field, string name) in ((string, string)[])[("pairs", "pairs"), ("heldOutPairs", "held-out pairs"), ("rows", "rows"), ("ties", "ties, left out"), ("unlabelled", "rows without a label, left out")])
                if (started.Number(field) is { } count) rows.Add([name, $"{count:N0}"]);
        }

        rows.AddRange(facts.Log.Events.Where(one => one.Name == "bad-row").Take(20).Select(one => new[] { "bad row", Html.Text(one.Text("message")) }));
        Table(page, [], rows);
        page.Append("</section>");
    }

    private void AppendCheckpoints(StringBuilder page)
    {
        LoggedEvent[] saved = [.. facts.Log.Events.Where(one => one.Name == "checkpoint")];
        if (saved.Length == 0) return;
        page.Append("<section><h2>Checkpoints</h2>");
        Table(page, ["step", "saved at", "took", "place"], saved.TakeLast(20).Select(one => new[]
        {
            $"{one.Number("step"):N0}", $"{one.Time:yyyy-MM-dd HH:mm:ss}Z", Html.Duration(TimeSpan.FromSeconds(one.Number("seconds") ?? 0)), Html.Text(one.Text("uri")),
        }));
        page.Append("</section>");
    }

    private void AppendOptions(StringBuilder page)
    {
        page.Append("<section><h2>Run</h2>");
        if (facts.Log.Last("environment") is { } environment)
            Table(page, [], environment.Fields.Where(field => field.Key is not ("time" or "event")).Select(field => new[] { Html.Text(field.Key), Html.Text(field.Value) }));
        page.Append($"<details><summary>All options, as they were resolved</summary><pre>{Html.Text(facts.File.ToJson())}</pre></details></section>");
    }

    private static void Table(StringBuilder page, string[] head, IEnumerable<string[]> rows)
    {
        page.Append("<div class=\"table\"><table>");
        if (head.Length > 0) page.Append("<tr>").AppendJoin("", head.Select(name => $"<th>{name}</th>")).Append("</tr>");
        foreach (string[] row in rows) page.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{cell}</td>")).Append("</tr>");
        page.Append("</table></div>");
    }
}
