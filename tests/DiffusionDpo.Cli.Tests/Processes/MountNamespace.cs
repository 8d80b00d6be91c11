using Xunit;

namespace DiffusionDpo.Cli.Tests.Processes;

/// <summary>Shell scripts that may mount file systems, which nobody else sees and which are gone with the script.</summary>
internal static class MountNamespace
{
    private static readonly Lazy<bool> s_works = new(() => Strace.Works("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]));

    /// <summary>Skips the test, and says so, where the kernel allows no user namespaces.</summary>
    public static void Require() => Assert.SkipUnless(s_works.Value, "no file system can be mounted here: unshare is missing or the kernel allows no user namespaces");

    /// <summary>Runs a script to its end. In it <c>$DDPO</c> is the program and <c>$1</c>, <c>$2</c> … are the arguments.</summary>
    public static Outcome Run(string script, params string[] arguments)
    {
        using DdpoProcess process = DdpoProcess.Start("unshare", ["-rm", "bash", "-euc", script, "bash", .. arguments], ("DDPO", DdpoProcess.Executable));
        return process.WaitForExit();
    }
}
