using DiffusionDpo.Shared;

namespace DiffusionDpo.Architecture.Tests;

internal static class SourceTree
{
    public static string Root { get; } = Repository.Path("src");

    public static IEnumerable<string> Projects => Directory.EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories);

    public static IEnumerable<string> Files => Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));
}
