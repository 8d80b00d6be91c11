using System.Diagnostics;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Processes;

/// <summary>A <c>ddpo</c> whose system calls fail, are late, or are its last: strace stands between it and the kernel.</summary>
internal static class Strace
{
    private static readonly Lazy<bool> s_works = new(() => Works("strace", [.. Options(["fsync:delay_enter=1"]), "true"]));

    /// <summary>Skips the test, and says so, where strace is not installed or may not trace.</summary>
    public static void Require() => Assert.SkipUnless(s_works.Value, "strace is not installed or may not trace here (Debian/Ubuntu: apt-get install strace)");

    /// <summary>Starts <c>ddpo</c> with tampered calls; the process that is signalled and waited for is <c>ddpo</c> itself.</summary>
    /// <param name="arguments">Those of <c>ddpo</c>.</param>
    /// <param name="tampering">Each as after strace's <c>-e inject=</c>. Calls are counted for each thread.</param>
    public static DdpoProcess Start(string[] arguments, params string[] tampering) =>
        DdpoProcess.Start("strace", [.. Options(tampering), DdpoProcess.Executable, .. arguments]);

    /// <summary>Whether a program is there and does what it is asked for.</summary>
    public static bool Works(string program, IEnumerable<string> arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    // The quick way of tracing loses signals.
    private static string[] Options(string[] tampering) =>
    [
        "-D", "-f", "-qq", "-o", "/dev/null", .. tampering.Any(each => each.Contains(":signal=", StringComparison.Ordinal)) ? (string[])[] : ["--seccomp-bpf"],
        "-e", $"trace={string.Join(',', tampering.Select(each => each.Split(':')[0]))}", .. tampering.SelectMany(each => (string[])["-e", $"inject={each}"]),
    ];
}
