using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;

namespace DiffusionDpo.Cli.Tests.Interruptions;

/// <summary>A moment in the life of a run, told by what can be seen from outside: its events and its files.</summary>
/// <param name="Name">For messages.</param>
/// <param name="IsComing">Waits for it; false where the process ended before.</param>
internal sealed record KillMoment(string Name, Func<DdpoProcess, Workspace, Random, bool> IsComing)
{
    /// <summary>The runtime starts, libtorch is loaded, the shards are scanned, the model is read: anything before the first event of training.</summary>
    public static KillMoment Starting { get; } = new("while starting", (process, _, random) =>
    {
        int looks = random.Next(1, 400);
        return process.WaitUntil(() => --looks <= 0);
    });

    /// <summary>The loader decodes the first pairs; on a new run the held-out pairs are measured.</summary>
    public static KillMoment Loading { get; } = new("while the first pairs are read", (process, _, random) => After(process, "train", random));

    /// <summary>The last step is saved; the held-out pairs are measured with it.</summary>
    public static KillMoment Measuring { get; } = new("while held-out pairs are measured", (process, _, _) => After(process, "train"));

    /// <summary>A step is complete; its checkpoint is about to be written.</summary>
    public static KillMoment Stepped { get; } = new("after a step", (process, _, random) => After(process, "step", random));

    /// <summary>A checkpoint is complete; the run has come further.</summary>
    public static KillMoment Saved { get; } = new("after a checkpoint", (process, _, random) => After(process, "checkpoint", random));

    /// <summary>Some of a checkpoint's bytes are written, and it has no name yet.</summary>
    public static KillMoment Saving { get; } = new("inside a checkpoint", (process, workspace, random) =>
    {
        long bytes = random.Next(0, 3) * 500_000L;
        return process.WaitUntil(() => BytesOf(workspace.In("run", "checkpoints"), ".step-*") >= bytes);
    });

    /// <summary>Some of the exported model is written.</summary>
    public static KillMoment Exporting { get; } = new("inside the export", (process, workspace, _) => process.WaitUntil(() => BytesOf(workspace.Run, ".model.*") >= 0));

    /// <summary>The model is there; images are drawn.</summary>
    public static KillMoment Drawing { get; } = new("while samples are drawn", (process, workspace, random) =>
    {
        int looks = random.Next(1, 50);
        return process.WaitUntil(() => Directory.Exists(workspace.Model) && --looks <= 0);
    });

    private static bool After(DdpoProcess process, string name, Random? random = null)
    {
        _ = process.WaitForEvent(name);
        int looks = random?.Next(0, 30) ?? 0;
        return process.WaitUntil(() => --looks <= 0);
    }

    // −1: there is no such directory.
    private static long BytesOf(string parent, string pattern)
    {
        try
        {
            if (!Directory.Exists(parent) || Directory.GetDirectories(parent, pattern) is not [string partial, ..]) return -1;
            return new DirectoryInfo(partial).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (IOException)
        {
            return -1; // it got its name while we looked
        }
    }
}
