using System.Text.RegularExpressions;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Cli.Reports;
using Xunit;
using static DiffusionDpo.Cli.Tests.Reports.LogLines;

namespace DiffusionDpo.Cli.Tests.Reports;

public sealed partial class ReportPageTests
{
    private const string Attack = "</title></style><script>alert('1')</script>\"'><img src=x onerror=alert(2)>";
    private static readonly string s_inert = Html.Text(Attack);

    [Fact]
    public void The_page_says_first_what_became_of_the_run()
    {
        string page = Page(Well());
        Assert.Equal("tiny", Between(page, "<h1>", "</h1>"));
        Assert.StartsWith("The model has learned the preferences: it agrees with 70.0 % of 200 unseen comparisons.", Between(page, "<div class=\"verdict fine\"><p>", "</div>"), StringComparison.Ordinal);
        Assert.Contains("finished · 2026-11-24 20:00 UTC", page, StringComparison.Ordinal);
        Assert.Equal(["Curves", "Time", "Model and data", "Machine and options"], Headings(page));
        Assert.Contains("<td>100</td>", Page([.. Well(), Event("checkpoint").Replace("\"message\"", "\"step\":100,\"seconds\":2,\"uri\"", StringComparison.Ordinal)]), StringComparison.Ordinal);
    }

    [Fact]
    public void An_alarm_is_the_verdict_even_where_accuracy_is_good()
    {
        string page = Page([.. Enumerable.Range(1, 100).Select(step => Step(step, winners: 0.03)), HeldOut(100, 0.77, 0.72, 0.82)]);
        Assert.StartsWith("The model unlearns to draw.", Between(page, "<div class=\"verdict alarm\"><p>", "</div>"), StringComparison.Ordinal);
        Assert.Contains("<li class=\"fine\"><b>The model has learned", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_events_has_a_page()
    {
        string page = Page([], isFinished: false);
        Assert.StartsWith("No step is done yet.", Between(page, "<div class=\"verdict note\"><p>", "</div>"), StringComparison.Ordinal);
        Assert.Contains("step 0 of 100", page, StringComparison.Ordinal);
        Assert.Equal(4, Count(page, "No values."));
        Assert.DoesNotContain("<svg", page, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unfinished_run_tells_how_far_it_came()
    {
        string page = Page([.. Enumerable.Range(1, 7).Select(step => Step(step))], isFinished: false);
        Assert.Contains("step 7 of 100", page, StringComparison.Ordinal);
        Assert.Contains($"<dd>{Html.Text("7 × 4")}</dd>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_was_cut_in_the_middle_loses_no_more_than_the_cut_line()
    {
        string[] whole = [.. Enumerable.Range(1, 9).Select(step => Step(step))];
        Assert.Contains("step 8 of 100", Page([.. whole[..8], whole[8][..90]], isFinished: false), StringComparison.Ordinal);
        Assert.Contains("step 9 of 100", Page([.. whole[..4], whole[4][..90] + whole[5], .. whole[6..]], isFinished: false), StringComparison.Ordinal);
    }

    [Fact]
    public void Supervised_fine_tuning_has_no_charts_of_comparisons()
    {
        string page = Page([.. Enumerable.Range(1, 100).Select(step => SftStep(step, 0.2))]);
        Assert.Equal(["Loss", "Gradient norm (L2)", "Learning rate", "Speed (pairs per second)"], Charts(page));
        Assert.Contains("Supervised fine-tuning: no preferences were compared.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", WithoutOptions(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Comparisons_have_their_charts_with_units() => Assert.Equal(
        [
            "Implicit accuracy (%)", "Error against the base model&#39;s (%)", "Loss (nats per pair)", "Reward margin (mean logit)", "Gradient norm (L2)", "Learning rate",
            "Speed (pairs per second)",
        ],
        Charts(Page(Well())));

    [Fact]
    public void Without_a_reference_there_is_no_chart_of_errors_against_it()
    {
        string[] lines = [HeldOut(0, 0.58, 0.51, 0.65), .. Enumerable.Range(1, 100).Select(step => MapoStep(step)), HeldOut(100, 0.7, 0.65, 0.75)];
        string page = new ReportPage(TinyFacts.Of(lines, file: TinyFacts.With(new() { Type = ObjectiveType.Mapo }))).ToHtml();
        Assert.Equal(["Implicit accuracy (%)", "Loss (per pair)", "Reward margin (mean logit)", "Gradient norm (L2)", "Learning rate", "Speed (pairs per second)"], Charts(page));
        Assert.Contains($"<dd>{Html.Text("MaPO, γ 0.1")}</dd>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("No values.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("ln 2", WithoutOptions(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ObjectiveType.Sigmoid, 0, "DPO, β 5,000")]
    [InlineData(ObjectiveType.Sigmoid, 0.1, "cDPO, β 5,000")]
    [InlineData(ObjectiveType.Robust, 0.1, "rDPO, β 5,000")]
    [InlineData(ObjectiveType.Hinge, 0, "hinge, β 5,000")]
    [InlineData(ObjectiveType.Ipo, 0, "IPO, β 5,000")]
    [InlineData(ObjectiveType.Sft, 0, "SFT")]
    public void The_objective_is_named(ObjectiveType type, double smoothing, string name) => Assert.Contains(
        $"<dd>{Html.Text(name)}</dd>", new ReportPage(TinyFacts.Of(Well(), file: TinyFacts.With(new() { Type = type, LabelSmoothing = smoothing }))).ToHtml(), StringComparison.Ordinal);

    [Fact]
    public void Steps_that_are_not_finite_leave_gaps_and_no_broken_coordinates()
    {
        string page = Page([.. Enumerable.Range(1, 100).Select(step => step is > 40 and < 60 ? Step(step, double.NaN, double.NaN, double.PositiveInfinity, double.NaN, double.NegativeInfinity) : Step(step))]);
        Assert.Equal(2, Regex.Count(page[page.IndexOf("Loss (nats", StringComparison.Ordinal)..page.IndexOf("Reward margin", StringComparison.Ordinal)], "polyline class=\"line"));
        Assert.All(Coordinates().Matches(page), match => Assert.Matches(@"^[-0-9., ]+$", match.Groups[1].Value));
    }

    [Fact]
    public void What_users_and_files_say_is_text_and_nothing_else()
    {
        RunFacts facts = TinyFacts.Of([.. Well(), Event("bad-row", Attack.Replace("\"", "\\\"", StringComparison.Ordinal)), Event("environment", "<script>")]);
        string page = new ReportPage(facts with
        {
            File = facts.File with { Name = Attack, Model = facts.File.Model with { Source = Attack } },
            Samples = [new(Attack, "data:,", "data:,")],
        }).ToHtml(new LivePage(TimeSpan.FromSeconds(5), Attack));
        Assert.Equal(2, Count(page, "<script>const line") + Count(page, "</script>")); // its own
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.True(Count(page, s_inert) >= 8, $"{Count(page, s_inert)}"); // title, heading, prompt thrice, model, row, file
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_page_needs_nothing_from_elsewhere(bool isLive)
    {
        RunFacts facts = TinyFacts.Of(Well()) with { Samples = [new("a cat", "data:image/png;base64,AA", "data:image/png;base64,BB")] };
        string page = new ReportPage(facts).ToHtml(isLive ? new LivePage(TimeSpan.FromSeconds(5), "/run/report.html") : null);
        Assert.All(References().Matches(page), match => Assert.StartsWith("data:", match.Groups[2].Value, StringComparison.Ordinal));
        Assert.DoesNotMatch(@"https?:|//[a-z]|@import|url\(", page.Replace(facts.File.ToJson(), "", StringComparison.Ordinal));
        Assert.Contains("content=\"default-src 'none';", page, StringComparison.Ordinal);
        Assert.Equal(isLive, page.Contains("<script", StringComparison.Ordinal));
    }

    [Fact]
    public void Only_a_live_page_keeps_itself_up_to_date()
    {
        Assert.DoesNotContain("refresh", Page(Well()), StringComparison.Ordinal);
        string live = new ReportPage(TinyFacts.Of(Well())).ToHtml(new LivePage(TimeSpan.FromSeconds(5), "/run/report.html"));
        Assert.Contains("data-period=\"5000\" data-file=\"/run/report.html\"", live, StringComparison.Ordinal);
        Assert.Contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>", live, StringComparison.Ordinal);
    }

    private static string Page(IEnumerable<string> lines, bool isFinished = true) => new ReportPage(TinyFacts.Of(lines, isFinished)).ToHtml();

    private static string WithoutOptions(string page) => page[..page.IndexOf("<details>", StringComparison.Ordinal)];

    private static string[] Headings(string page) => [.. Regex.Matches(page, "<h2>(.*?)</h2>").Select(match => match.Groups[1].Value)];

    private static string[] Charts(string page) => [.. Regex.Matches(page, "<figure class=\"chart\"><h3>(.*?)</h3>").Select(match => match.Groups[1].Value)];

    private static int Count(string page, string part) => page.Split(part).Length - 1;

    private static string Between(string page, string from, string to)
    {
        int start = page.IndexOf(from, StringComparison.Ordinal);
        Assert.True(start >= 0, $"no {from} in\n{page}");
        return page[(start + from.Length)..page.IndexOf(to, start + from.Length, StringComparison.Ordinal)];
    }

    [GeneratedRegex("\\s(?:points|cx|cy|x1|x2|y1|y2|x|y)=\"([^\"]*)\"")]
    private static partial Regex Coordinates();

    [GeneratedRegex("\\s(src|href|srcset|data|action|poster)=\"([^\"]*)\"")]
    private static partial Regex References();
}
