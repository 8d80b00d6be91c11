using DiffusionDpo.Data.Tests.Caching;
using DiffusionDpo.Data.Tests.Fuzzing;
using Microsoft.Testing.Platform.Builder;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace DiffusionDpo.Data.Tests;

/// <summary>The tests; or, for a test that needs it, a process of its own.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => args switch
    {
        [NativeFuzzChild.Command, var reader, var first, var count, var progress] =>
            Task.FromResult(NativeFuzzChild.Run(reader, int.Parse(first), int.Parse(count), progress)),
        [CacheUserChild.Command, var directory, var seed, var reads] => CacheUserChild.RunAsync(directory, int.Parse(seed), int.Parse(reads)),
        _ when args.Contains("-automated") || args.Contains("@@") => ConsoleRunner.Run(args),
        _ => TestPlatformTestFramework.RunAsync(args, AddExtensions),
    };

    private static void AddExtensions(ITestApplicationBuilder builder, string[] args) => builder.AddSelfRegisteredExtensions(args);
}
