using DiffusionDpo.Cli.Reports;
using DiffusionDpo.Cli.Tests.Browsing;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Reports;

/// <summary>Pictures of a report as the documentation has them; <c>make screenshots</c> names the run that they are drawn of.</summary>
public sealed class ScreenshotTests(UninterruptedRun uninterrupted, Chromium browser)
{
    private const string Run = "DDPO_SCREENSHOTS";
    private const int Most = 300_000;

    [Theory]
    [InlineData("report-light.png", 1280, false)]
    [InlineData("report-dark.png", 1280, true)]
    [InlineData("report-phone.png", 390, false)]
    public async Task A_report_is_drawn_for_the_documentation(string name, int width, bool dark)
    {
        string? run = Environment.GetEnvironmentVariable(Run);
        string picture = run is null ? Path.Combine(AppContext.BaseDirectory, "artefacts", name) : Repository.Path("docs", "images", name);
        foreach (int height in (int[])[1600, 1350, 1100, 850])
        {
            PageVisit visit = await browser.VisitAsync(new Uri(RunReport.PlaceIn(Repository.Path(run ?? uninterrupted.Run))), new(width, dark) { Picture = picture, PictureHeight = height });
            Assert.Empty(visit.Problems);
            if (new FileInfo(picture).Length < Most) return;
        }

        Assert.Fail($"{picture} is larger than {Most / 1000} kB");
    }
}
