using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Interruptions;

/// <summary>
/// The invariant: a full disk, or a directory that has become read-only, ends the run with one line that names the place and the remedy; what was
/// saved before is whole; nothing half written has a final name; and with space, or the right to write, the same command goes on to the same end.
/// </summary>
public sealed class FullDiskTests(UninterruptedRun uninterrupted)
{
    /// <summary>$1: the fine-tune; $2: where its run is; $3: MiB of the disk; $4: where the finished run is put. Prints exit codes and what is in the directory.</summary>
    private const string Filled = """
        mkdir -p "$2"; mount -t tmpfs -o size="$3m" tmpfs "$2"
        code=0; "$DDPO" run "$1" > /dev/null || code=$?
        echo "full: $code"; find "$2" -mindepth 1 | sort
        mount -o remount,size=200m "$2"
        code=0; "$DDPO" run "$1" > /dev/null || code=$?
        echo "freed: $code"; cp -r "$2" "$4"
        """;

    /// <summary>The directory $3 of the run, which exists, may not be written; afterwards it may.</summary>
    private const string ReadOnly = """
        mkdir -p "$3"; mount --bind "$3" "$3"; mount -o remount,bind,ro "$3"
        code=0; "$DDPO" run "$1" > /dev/null || code=$?
        echo "read-only: $code"; find "$2" -mindepth 1 | sort
        umount "$3"
        code=0; "$DDPO" run "$1" > /dev/null || code=$?
        echo "writable: $code"
        """;

    /// <summary>Too small for a checkpoint, for a second one, for the third beside two, for the model.</summary>
    [Theory]
    [InlineData(1, "run/checkpoints/step-00000002")]
    [InlineData(6, "run/checkpoints/step-0000000")]
    [InlineData(15, "run/")]
    public void On_a_full_disk_what_was_saved_stands_and_with_space_the_run_goes_on(int mebibytes, string place)
    {
        MountNamespace.Require();
        using Workspace workspace = uninterrupted.Again();
        string finished = workspace.In("finished");
        Outcome outcome = MountNamespace.Run(Filled, workspace.File, workspace.Run, $"{mebibytes}", finished).Ended(0);
        Assert.Contains("full: 74", outcome.Output);
        Assert.Contains("freed: 0", outcome.Output);
        Assert.Contains(outcome.Errors, line => line.StartsWith($"error: {workspace.In(place)}", StringComparison.Ordinal) && line.Contains("; free space on that disk", StringComparison.Ordinal));
        Assert.DoesNotContain(outcome.Output, line => line.Contains(".partial", StringComparison.Ordinal) || line.EndsWith("/model", StringComparison.Ordinal));
        Directory.Delete(workspace.Run, recursive: true);
        Directory.Move(finished, workspace.Run);
        uninterrupted.IsEqualTo(workspace);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--json")]
    public void A_full_disk_below_the_output_ends_the_run_with_one_line(string option)
    {
        using Workspace workspace = uninterrupted.Again();
        using DdpoProcess process = DdpoProcess.Start("bash", ["-c", "exec \"$0\" run \"$1\" $2 > /dev/full", DdpoProcess.Executable, workspace.File, option]);
        string error = process.WaitForExit().Ended(74).OneError();
        Assert.Matches("^error: standard output cannot be written: .*; free space where it goes, or send it elsewhere$", error);
        _ = DdpoProcess.Run("run", workspace.File).Ended(0);
        uninterrupted.IsEqualTo(workspace);
    }

    [Theory]
    [InlineData("run", "output.uri: ")]
    [InlineData("run/checkpoints", "")]
    public void In_a_directory_that_may_not_be_written_nothing_changes_and_once_it_may_the_run_goes_on(string directory, string field)
    {
        MountNamespace.Require();
        using Workspace workspace = uninterrupted.Again();
        using (DdpoProcess process = DdpoProcess.Start("run", workspace.File, "--json"))
        {
            _ = process.WaitForEvent("checkpoint", saved => (int)saved["step"]! == 2);
            process.Send(DdpoProcess.Kill);
            _ = process.WaitForExit();
        }

        string[] files = Workspace.Snapshot(workspace.In("run", "checkpoints"));
        Outcome outcome = MountNamespace.Run(ReadOnly, workspace.File, workspace.Run, workspace.In(directory)).Ended(0);
        Assert.Contains("read-only: 74", outcome.Output);
        Assert.Contains("writable: 0", outcome.Output);
        Assert.Contains(outcome.Errors, line => line.StartsWith($"error: {field}{workspace.In(directory)}", StringComparison.Ordinal) && line.Contains("; ", StringComparison.Ordinal));
        Assert.All(files, file => Assert.Contains(file.Split(' ')[0], outcome.Output));
        uninterrupted.IsEqualTo(workspace);
        Assert.Empty(workspace.HalfWritten());
    }
}
