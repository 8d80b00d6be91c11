using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Validation;

namespace DiffusionDpo.Api.Tests.Manifests;

/// <summary>The validator against the table of good and bad manifests: exactly these errors, in this order, at these places.</summary>
public sealed class ManifestTests
{
    public static TheoryData<string> Good => Manifest.In("good");

    public static TheoryData<string> Bad => Manifest.In("bad");

    public static TheoryData<string> GoodChanges => Manifest.In("good", "changes");

    public static TheoryData<string> BadChanges => Manifest.In("bad", "changes");

    public static TheoryData<string> Examples =>
        [.. Directory.GetFiles(Repository.Path("examples"), "*.yaml").Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Good))]
    public void A_good_manifest_is_accepted(string name)
    {
        var reading = FineTuneYaml.ReadFile(Manifest.Read(name, "good").Path);
        Assert.Empty(reading.Describe());
        Assert.NotNull(reading.FineTune);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_manifest_is_refused_with_every_error_at_its_place(string name)
    {
        var manifest = Manifest.Read(name, "bad");
        var reading = FineTuneYaml.ReadFile(manifest.Path);
        Assert.Null(reading.FineTune);
        Assert.NotEmpty(manifest.Expected);
        Assert.Equal(manifest.Expected, reading.Errors.Select(e => $"{e.Describe()} @ {e.Line}:{e.Column}"));
        Assert.All(reading.Errors, e => Assert.Contains(" — ", e.Message));
    }

    [Theory]
    [MemberData(nameof(GoodChanges))]
    public void A_good_change_is_accepted(string name) => Assert.Empty(Change(Manifest.Read(name, "good", "changes")));

    [Theory]
    [MemberData(nameof(BadChanges))]
    public void A_bad_change_is_refused_with_every_error(string name)
    {
        var manifest = Manifest.Read(name, "bad", "changes");
        Assert.NotEmpty(manifest.Expected);
        Assert.Equal(manifest.Expected, Change(manifest));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_is_valid(string file) =>
        Assert.Empty(FineTuneYaml.ReadFile(Repository.Path("examples", file)).Describe());

    [Fact]
    public void Every_example_is_explained() =>
        Assert.All(Examples, row => Assert.Contains($"| `{row.Data}` |", File.ReadAllText(Repository.Path("examples", "README.md"))));

    [Fact]
    public void The_table_is_there() => Assert.True((Good.Count, Bad.Count, GoodChanges.Count, BadChanges.Count) is ( >= 20, >= 40, >= 10, >= 10));

    [Fact]
    public void Every_rule_is_broken_by_a_manifest_of_its_own()
    {
        var alone = Bad.Select(row => Manifest.Read(row.Data, "bad").Expected).Where(e => e.Count == 1).Select(e => e[0].Split(" @ ")[0]).ToHashSet();
        Assert.All(FineTuneRules.All, rule => Assert.Contains($"spec.{rule.Path}: {rule.Message}", alone));
        Assert.Contains($"metadata.name: {FineTuneName.Message}", alone);
    }

    // Two documents: the stored object, and what is to take its place.
    private static IReadOnlyList<string> Change(Manifest manifest)
    {
        var specs = File.ReadAllText(manifest.Path).Split("\n---\n").Select(text => FineTuneYaml.Read(text, manifest.Path, "/").OrThrow().Spec).ToList();
        Assert.Equal(2, specs.Count);
        return [.. Immutability.Check(specs[0], specs[1]).Select(e => e.Describe())];
    }
}
