using DiffusionDpo.Cli.Reports;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Reports;

public sealed class RunReportTests(UninterruptedRun uninterrupted)
{
    [Fact]
    public void A_finished_run_has_its_report_and_the_command_writes_the_same_anew()
    {
        string written = File.ReadAllText(RunReport.PlaceIn(uninterrupted.Run));
        using Workspace workspace = new();
        string copy = workspace.Copy(uninterrupted.Run, "copy");
        File.Delete(RunReport.PlaceIn(copy));
        Assert.Equal([RunReport.PlaceIn(copy)], DdpoProcess.Run("report", copy).Ended(0).Output);
        Assert.Equal(written, File.ReadAllText(RunReport.PlaceIn(copy)));
    }

    [Fact]
    public void Damaged_pictures_and_lines_cost_no_more_than_themselves()
    {
        using Workspace workspace = new();
        string copy = workspace.Copy(uninterrupted.Run, "copy");
        File.WriteAllText(Path.Combine(copy, "samples", "001-before.png"), "no picture");
        File.Delete(Path.Combine(copy, "samples", "002-after.png"));
        File.AppendAllLines(Path.Combine(copy, "events.jsonl"), ["", "[1]", "null", "{\"event\":7,\"time\":[]}", "{\"event\":\"step\",\"step\":\"x\"}", "{\"event\":\"x\",\"event\":\"y\"}", "{\"time\":1,\"event\":\"run\"}", "{\"event\":\"ste"]);
        _ = DdpoProcess.Run("report", copy).Ended(0);
        string page = File.ReadAllText(RunReport.PlaceIn(copy));
        Assert.Equal(2, page.Split("<img").Length - 1);
        Assert.Contains("a pattern number 22", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_without_a_run_is_one_line()
    {
        using Workspace workspace = new();
        Assert.StartsWith($"error: {workspace.Path} holds no run: there is no run.json", DdpoProcess.Run("report", workspace.Path).Ended(66).OneError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_run_has_a_report_that_says_so_until_it_goes_on()
    {
        using Workspace workspace = uninterrupted.Again();
        using (DdpoProcess process = DdpoProcess.Start("run", workspace.File, "--json"))
        {
            process.WaitForStep(3);
            process.Send(DdpoProcess.Terminate);
            _ = process.WaitForExit().Ended(86);
        }

        Assert.Contains("<div class=\"verdict note\"><p>Stopped at step ", File.ReadAllText(RunReport.PlaceIn(workspace.Run)), StringComparison.Ordinal);
        Assert.Contains("\"event\":\"stopped\",\"class\":\"PreemptedSaved\",\"code\":86,\"message\":\"stopped; step ", File.ReadAllLines(Path.Combine(workspace.Run, "events.jsonl"))[^1], StringComparison.Ordinal);
        _ = DdpoProcess.Run("run", workspace.File).Ended(0);
        string page = File.ReadAllText(RunReport.PlaceIn(workspace.Run));
        Assert.DoesNotContain("Stopped at step ", page, StringComparison.Ordinal);
        Assert.Contains(" · finished · ", page, StringComparison.Ordinal);
    }
}
