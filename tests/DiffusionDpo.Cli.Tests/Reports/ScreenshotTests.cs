using DiffusionDpo.Cli.Reports;
using DiffusionDpo.Cli.Tests.Browsing;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Reports;

/// <summary><c>make screenshots</c>: the documentation's pictures of a run's report, once it has no problem.</summary>
public sealed class ScreenshotTests(Chromium browser)
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
        Assert.SkipWhen(string.IsNullOrEmpty(run), $"{Run} names no run; make screenshots does");
        string picture = Repository.Path("docs", "images", name);
        foreach (int height in (int[])[1600, 1350, 1100, 850])
        {
            PageVisit visit = await browser.VisitAsync(new Uri(RunReport.PlaceIn(Repository.Path(run))), new(width, dark) { Picture = picture, PictureHeight = height });
            Assert.Empty(visit.Problems);
            if (new FileInfo(picture).Length < Most) return;
        }

        Assert.Fail($"{picture} is larger than {Most / 1000} kB");
    }
}
