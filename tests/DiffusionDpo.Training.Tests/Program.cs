using DiffusionDpo.Training.Tests.Runs;
using DiffusionDpo.Training.Tests.Steps;
using Microsoft.Testing.Platform.Builder;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace DiffusionDpo.Training.Tests;

/// <summary>The tests; or, for a test that needs it, a process of its own.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => args switch
    {
        [TrainingChild.Command, var directory, var variant, var looks] => Task.FromResult(TrainingChild.Run(directory, variant, int.Parse(looks))),
        [HostAllocatorTests.Command, var setting] => Task.FromResult(HostAllocatorTests.Run(setting)),
        _ when args.Contains("-automated") || args.Contains("@@") => ConsoleRunner.Run(args),
        _ => TestPlatformTestFramework.RunAsync(args, AddExtensions),
    };

    private static void AddExtensions(ITestApplicationBuilder builder, string[] args) => builder.AddSelfRegisteredExtensions(args);
}
