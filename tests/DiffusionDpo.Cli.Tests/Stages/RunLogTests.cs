using DiffusionDpo.Cli.Stages;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Stages;

public sealed class RunLogTests
{
    [Fact]
    public void The_first_and_the_last_measurement_of_all_processes_are_found()
    {
        RunLog log = Read(Measured(0, 0.5), """{"event":"step","step":1}""", Measured(5, 0.6), """{"event":"run"}""", Measured(9, 0.75));
        Assert.Equal((0, 0.5), (log.HeldOutBefore!.Step, log.HeldOutBefore.Accuracy));
        Assert.Equal((9, 0.75), (log.HeldOutAfter!.Step, log.HeldOutAfter.Accuracy));
    }

    [Fact]
    public void A_line_that_a_killed_process_has_cut_is_passed_over() => Assert.Equal(5, Read(Measured(5, 0.6), Measured(9, 0.7)[..40]).HeldOutAfter!.Step);

    [Fact]
    public void A_run_without_measurements_has_none() => Assert.Empty(Read("""{"event":"run"}""").HeldOut);

    [Fact]
    public void A_log_that_was_removed_tells_nothing() => Assert.Empty(RunLog.Read("/nonexistent/events.jsonl").Events);

    private static string Measured(int step, double accuracy) =>
        $$"""{"time":"2026-11-24T20:00:00Z","event":"held-out","step":{{step}},"pairs":8,"accuracy":{{accuracy}},"lower":0.1,"upper":0.9}""";

    private static RunLog Read(params string[] lines)
    {
        using Workspace workspace = new();
        File.WriteAllLines(workspace.In("events.jsonl"), lines);
        return RunLog.Read(workspace.In("events.jsonl"));
    }
}
