namespace DiffusionDpo.Api.Tests.Manifests;

/// <summary>One file of tests/manifests and what its first lines say must come of it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Expected">Every error in order, as path and message; places follow where the file gives them.</param>
internal sealed record Manifest(string Path, IReadOnlyList<string> Expected)
{
    private const string Expect = "# expect: ";
    private const string Place = "# at: ";

    /// <summary>Names of the manifests in a folder under tests/manifests.</summary>
    public static TheoryData<string> In(params string[] folder) =>
        [.. Directory.GetFiles(Folder(folder), "*.yaml").Select(System.IO.Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)];

    public static Manifest Read(string name, params string[] folder)
    {
        var path = System.IO.Path.Combine(Folder(folder), $"{name}.yaml");
        List<string> expected = [];
        foreach (var line in File.ReadLines(path).TakeWhile(l => l.StartsWith('#')))
        {
            if (line.StartsWith(Expect, StringComparison.Ordinal)) expected.Add(line[Expect.Length..]);
            if (line.StartsWith(Place, StringComparison.Ordinal)) expected[^1] += $" @ {line[Place.Length..]}";
        }

        return new Manifest(path, expected);
    }

    private static string Folder(string[] folder) => Repository.Path(["tests", "manifests", .. folder]);
}
