namespace DiffusionDpo.Cli.Tests.Documentation;

/// <summary>The commands of the documentation that no test runs, each with its reason. Whoever adds one has tried it by hand.</summary>
internal static class NotRunHere
{
    /// <summary>Beginnings of commands.</summary>
    public static IReadOnlyList<(string Page, string Begins, string Why)> All { get; } =
    [
        ("README.md", "git clone", "fetches this repository"),
        ("README.md", "make ", "builds and tests the whole repository; CI does both"),
        ("docs/getting-started.md", "git clone", "fetches this repository"),
        ("docs/getting-started.md", "make ", "builds the whole repository; CI does"),
        ("docs/getting-started.md", "export PATH=", "the test has the program on its path"),
        ("docs/convert.md", "ddpo convert sdxl.safetensors", "needs a published model of 7 GB"),
        ("docs/ai-feedback.md", "ddpo convert HPS_v2_compressed.pt", "needs a published model of 4 GB"),
        ("docs/ai-feedback.md", "ddpo convert hps.safetensors", "needs a published model of 4 GB"),
        ("docs/operator.md", "kubectl ", "needs a cluster; the manifests that it names are validated instead"),
    ];

    public static bool Holds(string page, string command) => All.Any(one => one.Page == page && command.StartsWith(one.Begins, StringComparison.Ordinal));
}
