using System.Text;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Stages;

namespace DiffusionDpo.Cli.Reports;

/// <summary>A run as one page: nothing from elsewhere, which a browser is told to enforce; no script but that of a live page; light and dark as the reader has it.</summary>
/// <param name="facts">The run.</param>
internal sealed class ReportPage(RunFacts facts)
{
    private static readonly Lazy<string> s_style = new(() =>
    {
        using Stream style = typeof(ReportPage).Assembly.GetManifestResourceStream("report.css")!;
        return new StreamReader(style).ReadToEnd();
    });

    /// <summary>The page.</summary>
    /// <param name="live">How a page of a run at work keeps itself up to date; null: it does not.</param>
    public string ToHtml(LivePage? live = null)
    {
        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.Append($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src 'unsafe-inline'{(live is null ? "" : LivePage.Policy)}\">");
        page.Append($"<meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">{live?.Head}");
        page.Append($"<title>{Html.Text(facts.File.Name)} · Diffusion-DPO</title><style>{s_style.Value}</style></head><body><main>");
        AppendHead(page);
        AppendSamples(page);
        page.Append("<section><h2>Curves</h2><div class=\"charts\">").AppendJoin("", RunCharts.Of(facts).Select(chart => chart.ToHtml())).Append("</div></section>");
        AppendTime(page);
        AppendData(page);
        AppendCheckpoints(page);
        AppendOptions(page);
        return page.Append($"</main>{live?.Foot}</body></html>\n").ToString();
    }

    /// <summary>The objective in a word or two.</summary>
    public static string Objective(ObjectiveOptions objective)
    {
        string beta = $", β {Html.Number(objective.Beta ?? double.NaN)}";
        return objective.Type switch
        {
            ObjectiveType.Sigmoid when objective.LabelSmoothing > 0 => "cDPO" + beta,
            ObjectiveType.Sigmoid => "DPO" + beta,
            ObjectiveType.Robust => "rDPO" + beta,
            ObjectiveType.Hinge => "hinge" + beta,
            ObjectiveType.Ipo => "IPO" + beta,
            ObjectiveType.Mapo => $"MaPO, γ {Html.Number(objective.MarginWeight ?? double.NaN)}",
            _ => "SFT",
        };
    }

    private void AppendHead(StringBuilder page)
    {
        string seen = facts.LastSeen is { } time ? $" · {time.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "";
        page.Append($"<header><p class=\"state\">Diffusion-DPO fine-tune · {Html.Text(facts.State)}{seen}</p><h1>{Html.Text(facts.File.Name)}</h1></header>");
        IReadOnlyList<Finding> findings = Findings.Of(facts);
        Finding verdict = findings.Count > 0 ? findings[0] : Nothing();
        page.Append($"<div class=\"verdict {Class(verdict)}\"><p>{Html.Text(verdict.Title)}</p><p>{Html.Text(verdict.Text)}</p></div>");
        AppendFigures(page);
        if (findings.Count > 1) page.Append("<ul class=\"findings\">").AppendJoin("", findings.Skip(1).Select(Item)).Append("</ul>");

        Finding Nothing() => new(
            FindingWeight.Note,
            facts.Step == 0 ? "No step is done yet." : "Training is under way.",
            facts.Log.HeldOut.Count > 0 ? "Held-out accuracy tells later what was learned." : "");

        static string Item(Finding one) => $"<li class=\"{Class(one)}\"><b>{Html.Text(one.Title)}</b> {Html.Text(one.Text)}</li>";
    }

    private static string Class(Finding one) => one.Weight.ToString().ToLowerInvariant();

    private void AppendFigures(StringBuilder page)
    {
        TrainingOptions training = facts.File.Training;
        page.Append("<dl class=\"figures\">");
        if (facts.Log.HeldOutAfter is { } after) Figure("held-out accuracy", Html.Percent(after.Accuracy));
        Figure("objective", Objective(training.Objective));
        Figure("steps × pairs", $"{facts.Step:N0} × {training.GlobalBatch:N0}");
        Figure("learning rate", Html.Number(facts.File.Optimizer.LearningRate ?? double.NaN));
        if (facts.Log.Steps.Count > 0) Figure("pairs per second", Html.Number(facts.Log.Steps[^1].PairsPerSecond));
        Figure("training time", Html.Duration(facts.TrainingTime));
        page.Append("</dl>");

        void Figure(string name, string value) => page.Append($"<div><dt>{Html.Text(name)}</dt><dd>{Html.Text(value)}</dd></div>");
    }

    private void AppendSamples(StringBuilder page)
    {
        if (facts.Samples.Count == 0) return;
        page.Append("<section><h2>Before and after</h2><p class=\"lead\">Each pair begins with the same noise: left the base model, right the fine-tuned one.</p><div class=\"samples\">");
        foreach (SamplePair pair in facts.Samples)
        {
            string prompt = Html.Text(pair.Prompt);
            page.Append($"<figure><div><img alt=\"before: {prompt}\" src=\"{pair.Before}\"><img alt=\"after: {prompt}\" src=\"{pair.After}\"><span>before</span><span>after</span></div>");
            page.Append($"<figcaption>{(pair.Prompt.Length > 0 ? prompt : "(no prompt)")}</figcaption></figure>");
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
            $"<span class=\"key p{one.Index}\">{Html.Text(Html.Words(one.Item.Phase))}</span>", Html.Duration(TimeSpan.FromSeconds(one.Item.Seconds)), Html.Percent(one.Item.Seconds / sum),
        }));
        page.Append("</section>");
    }

    private void AppendData(StringBuilder page)
    {
        page.Append("<section><h2>Model and data</h2>");
        List<string[]> rows = [["base model", Html.Text(facts.File.Model.Source)], .. facts.File.Data.Sources.Select(source => new[] { "training", Html.Text(source.Uri) })];
        rows.AddRange(facts.File.Data.HeldOut.Select(source => new[] { "held out", Html.Text(source.Uri) }));
        if (facts.Log.Last("train") is { } started)
        {
            foreach ((string field, string name) in ((string, string)[])[("pairs", "pairs"), ("heldOutPairs", "held-out pairs"), ("rows", "rows"), ("ties", "ties, left out"), ("unlabelled", "rows without a label, left out")])
                if (started.Number(field) is { } count) rows.Add([name, $"{count:N0}"]);
        }

        if (facts.Log.Last(FeedbackNotices.FeedbackEvent) is { } labelled) rows.Add(["labels", Html.Text(FeedbackNotices.LabelsOf(labelled))]);
        rows.AddRange(facts.Log.Events.Where(one => one.Name == "bad-row").Take(20).Select(one => new[] { "bad row", Html.Text(one.Text("message")) }));
        Table(page, [], rows);
        page.Append("</section>");
    }

    private void AppendCheckpoints(StringBuilder page)
    {
        LoggedEvent[] saved = [.. facts.Log.Events.Where(one => one.Name == "checkpoint")];
        if (saved.Length == 0) return;
        page.Append("<section><h2>Checkpoints</h2>");
        Table(page, ["step", "saved at (UTC)", "took", "place"], saved.TakeLast(20).Select(one => new[]
        {
            $"{one.Number("step"):N0}", $"{one.Time:yyyy-MM-dd HH:mm:ss}", Html.Duration(TimeSpan.FromSeconds(one.Number("seconds") ?? 0)), Html.Text(one.Text("uri")),
        }));
        page.Append("</section>");
    }

    private void AppendOptions(StringBuilder page)
    {
        page.Append("<section><h2>Machine and options</h2>");
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
