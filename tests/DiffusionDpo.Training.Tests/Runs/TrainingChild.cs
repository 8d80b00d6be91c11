using System.Diagnostics;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Training.Tests.Runs;

/// <summary>A training that ends itself by SIGKILL at its n-th look at the clock: between the phases of a step, or around a checkpoint.</summary>
internal static class TrainingChild
{
    public const string Command = "train-until-killed";

    public static int Run(string directory, string variant, int looks)
    {
        TrainingRun.Execute(RunDirectory.Variants[variant](RunDirectory.FileOf(directory)), new() { Time = new DeadlyTime(looks) }, CancellationToken.None);
        return 0;
    }

    /// <summary>Starts it in another process and waits for its end.</summary>
    /// <returns>Whether it was killed; otherwise it has finished.</returns>
    public static bool Kill(string directory, string variant, int looks)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Command, directory, variant, looks.ToString()])
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        };
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Xunit.Assert.True(child.ExitCode is 0 or 128 + 9, errors.GetAwaiter().GetResult());
        return child.ExitCode != 0;
    }

    private sealed class DeadlyTime(int looks) : TimeProvider
    {
        private int seen;

        public override long GetTimestamp()
        {
            Count();
            return base.GetTimestamp();
        }

        public override DateTimeOffset GetUtcNow()
        {
            Count();
            return base.GetUtcNow();
        }

        private void Count()
        {
            if (Interlocked.Increment(ref seen) == looks) Process.GetCurrentProcess().Kill();
        }
    }
}
