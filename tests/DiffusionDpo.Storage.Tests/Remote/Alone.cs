using System.Diagnostics;
using Xunit;

namespace DiffusionDpo.Storage.Tests.Remote;

/// <summary>Tests that measure their process: each runs in one of its own, where nothing was before it.</summary>
internal static class Alone
{
    private const string Mark = "DDPO_TEST_ALONE";

    /// <summary>Runs a test's content if this process is its own, else the test in a process.</summary>
    /// <param name="content">The content.</param>
    public static async Task RunAsync(Func<Task> content)
    {
        if (Environment.GetEnvironmentVariable(Mark) is null) await StartAsync();
        else await content();
    }

    private static async Task StartAsync()
    {
        var test = TestContext.Current.TestMethod!;
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["--filter-method", $"{test.TestClass.TestClassName}.{test.MethodName}"])
        {
            Environment = { [Mark] = "1" }, RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, said);
    }
}
