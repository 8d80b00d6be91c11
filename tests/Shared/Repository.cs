namespace DiffusionDpo.Shared;

/// <summary>Finds files of this repository from wherever the tests run.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Find(string directory) => File.Exists(System.IO.Path.Combine(directory, "DiffusionDpo.sln"))
        ? directory
        : Find(System.IO.Path.GetDirectoryName(directory.TrimEnd('/')) ?? throw new DirectoryNotFoundException("DiffusionDpo.sln is nowhere above the tests"));
}
