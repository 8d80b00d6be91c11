using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Api.Tests.FineTunes;

/// <summary>
/// The table of good and bad manifests. A bad one ends with comments: one line per error (place, path, beginning of the message), and
/// "(the reader alone)" where an API server has no objection or does not get so far.
/// </summary>
public sealed class ManifestTests
{
    public static TheoryData<string> Good => Names("good");

    public static TheoryData<string> Bad => Names("bad");

    [Theory]
    [MemberData(nameof(Good))]
    public void A_good_manifest_is_accepted(string name)
    {
        var reading = FineTuneYaml.ReadFile(File("good", name));
        Assert.Empty(reading.Describe());
        Assert.NotNull(reading.FineTune);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_manifest_is_refused_with_every_error_at_its_place(string name)
    {
        var path = File("bad", name);
        var expected = System.IO.File.ReadLines(path).Where(l => l.StartsWith("# ", StringComparison.Ordinal) && l != "# (the reader alone)").Select(l => l[2..]).ToList();
        var reading = FineTuneYaml.ReadFile(path);
        Assert.Null(reading.FineTune);
        var found = reading.Errors.Select(e => $"{e.Line}:{e.Column} {e.Describe()}").ToList();
        Assert.True(
            found.Count == expected.Count && expected.All(e => found.Any(f => f.StartsWith(e, StringComparison.Ordinal))),
            $"expected\n  {string.Join("\n  ", expected)}\nfound\n  {string.Join("\n  ", found)}");
        Assert.All(found, f => Assert.Contains(" — ", f));
    }

    private static TheoryData<string> Names(string kind) =>
        [.. Directory.GetFiles(Repository.Path("tests", "DiffusionDpo.Api.Tests", "Manifests", kind))
            .Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    private static string File(string kind, string name) => Repository.Path("tests", "DiffusionDpo.Api.Tests", "Manifests", kind, $"{name}.yaml");
}
