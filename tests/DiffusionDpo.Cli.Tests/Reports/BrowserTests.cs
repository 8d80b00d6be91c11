using DiffusionDpo.Cli.Reports;
using DiffusionDpo.Cli.Tests.Browsing;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Reports;

/// <summary>The report in a real browser.</summary>
public sealed class BrowserTests(UninterruptedRun uninterrupted, Chromium browser)
{
    private const int Desktop = 1280;
    private const int Phone = 390;

    [Theory]
    [InlineData(Desktop, false)]
    [InlineData(Desktop, true)]
    [InlineData(Phone, false)]
    [InlineData(Phone, true)]
    public async Task A_real_runs_report_fits_the_window_and_can_be_read(int width, bool dark)
    {
        string picture = Path.Combine(AppContext.BaseDirectory, "artefacts", $"report-{width}-{(dark ? "dark" : "light")}.png");
        PageVisit visit = await browser.VisitAsync(new Uri(RunReport.PlaceIn(uninterrupted.Run)), new(width, dark) { Picture = picture });
        Assert.Empty(visit.Problems);
        Assert.Equal(7, visit.Facts["charts"]!.AsArray().Count);
        Assert.Equal(6, (int)visit.Facts["images"]!); // three before, three after
        Assert.Equal(dark ? "rgb(20, 20, 22)" : "rgb(250, 249, 246)", (string?)visit.Facts["ground"]);
        Assert.True(new FileInfo(picture).Length > 10_000);
    }

    /// <summary>The test above sees what it is there for.</summary>
    [Theory]
    [InlineData("overflow: the page", "<div style=\"width:2000px\">wide</div>")]
    [InlineData("overflow: the page", "<div style=\"width:400px\">a little too wide</div>")]
    [InlineData("overflow: SPAN", "<div style=\"overflow:hidden\"><span style=\"white-space:nowrap\">wider than any telephone is, on one line that no one can read to its end</span></div>")]
    [InlineData("log: ", "<img alt=\"\" src=\"http://127.0.0.1:9/elsewhere.png\">")]
    [InlineData("image: gone", "<img alt=\"gone\" src=\"data:image/png;base64,AAAA\">")]
    [InlineData("log: ", "<script>document.title = 1</script>")]
    [InlineData("contrast: P", "<p style=\"color:#999;background:#aaa\">faint</p>")]
    [InlineData("chart: bad", "<figure class=\"chart\"><h3>bad</h3><svg><polyline points=\"1,NaN 2,3\"></polyline></svg></figure>")]
    [InlineData("chart: empty", "<figure class=\"chart\"><h3>empty</h3><svg></svg></figure>")]
    public async Task A_spoiled_page_is_noticed(string problem, string spoiled) =>
        Assert.Contains((await VisitSpoiledAsync("</main>", spoiled + "</main>")).Problems, one => one.StartsWith(problem, StringComparison.Ordinal));

    [Theory]
    [InlineData("request: http://127.0.0.1:9/elsewhere.png", "<img alt=\"\" src=\"http://127.0.0.1:9/elsewhere.png\">")]
    [InlineData("console: ", "<script>console.error(1)</script>")]
    [InlineData("exception: ", "<script>throw new Error('no')</script>")]
    public async Task What_the_pages_policy_holds_back_is_noticed_without_it(string problem, string spoiled) => Assert.Contains(
        (await VisitSpoiledAsync("http-equiv=\"Content-Security-Policy\"", "", spoiled)).Problems, one => one.StartsWith(problem, StringComparison.Ordinal));

    private async Task<PageVisit> VisitSpoiledAsync(string old, string replacement, string end = "")
    {
        using Workspace workspace = new();
        string page = File.ReadAllText(RunReport.PlaceIn(uninterrupted.Run));
        Assert.Contains(old, page, StringComparison.Ordinal);
        File.WriteAllText(workspace.In("page.html"), page.Replace(old, replacement, StringComparison.Ordinal) + end);
        return await browser.VisitAsync(new Uri(workspace.In("page.html")), new(Phone, IsDark: false));
    }
}
