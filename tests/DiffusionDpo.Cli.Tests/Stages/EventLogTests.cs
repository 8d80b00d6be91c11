using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Stages;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Stages;

public sealed class EventLogTests
{
    [Fact]
    public void Events_of_a_later_process_follow_even_where_the_last_line_was_cut()
    {
        using Workspace workspace = new();
        string path = workspace.In("events.jsonl");
        File.WriteAllText(path, """{"event":"st""");
        using (EventLog log = new(path, TimeProvider.System)) log.Show(Notice.Of("run", "first"));
        using (EventLog log = new(path, TimeProvider.System)) log.Show(Notice.Of("run", "second"));
        Assert.Collection(
            File.ReadAllLines(path),
            line => Assert.Equal("""{"event":"st""", line),
            line => Assert.EndsWith("\"first\"}", line, StringComparison.Ordinal),
            line => Assert.EndsWith("\"second\"}", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_full_disk_is_the_disks_fault()
    {
        using EventLog log = new("/dev/full", TimeProvider.System);
        string message = Failure.Of(ExitClass.StorageError, () => log.Show(Notice.Of("run", "text")));
        Assert.StartsWith("/dev/full cannot be written: ", message, StringComparison.Ordinal);
    }
}
