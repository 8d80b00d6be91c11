using System.Xml.Linq;
using Xunit;

namespace DiffusionDpo.Architecture.Tests;

/// <summary>Who may reference whom; operator and trainer meet only in Api, and the operator's image carries no libtorch.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["KubeOps.Abstractions"] = [],
        ["Api"] = ["KubeOps.Abstractions"],
        ["Storage"] = ["Api"],
        ["Models"] = ["Api"],
        ["Data"] = ["Api", "Storage", "Models"],
        ["Training"] = ["Api", "Storage", "Models", "Data"],
        ["KubeOps"] = ["KubeOps.Abstractions"],
        ["Operator"] = ["Api", "KubeOps"],
        ["Cli"] = ["Api", "Storage", "Models", "Data", "Training"],
    };

    private static readonly string[] s_torch = ["TorchSharp", "TorchSharp-cpu"];

    public static TheoryData<string> Projects => [.. SourceTree.Projects.Select(Short)];

    [Fact]
    public void Every_project_has_its_row_in_the_table() =>
        Assert.Equal(s_allowed.Keys.Order(), SourceTree.Projects.Select(Short).Order());

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_only_what_the_architecture_allows(string project) =>
        Assert.Empty(References(project, "ProjectReference").Select(Short).Except(s_allowed[project]));

    [Theory]
    [InlineData("KubeOps.Abstractions")]
    [InlineData("Api")]
    [InlineData("Storage")]
    [InlineData("KubeOps")]
    [InlineData("Operator")]
    public void Carries_no_torch(string project)
    {
        IEnumerable<string> closure = Closure(project).SelectMany(one => References(one, "PackageReference"));
        Assert.Empty(closure.Intersect(s_torch));
    }

    [Fact]
    public void Libtorch_is_chosen_by_executables_only()
    {
        IEnumerable<string> choosers = SourceTree.Projects.Select(Short)
            .Where(project => References(project, "PackageReference").Contains("TorchSharp-cpu") || Imports(project).Any(each => each.EndsWith("LibTorch.targets", StringComparison.Ordinal)));
        Assert.Equal(["Cli"], choosers);
    }

    private static IEnumerable<string> Closure(string project) =>
        References(project, "ProjectReference").Select(Short).SelectMany(Closure).Append(project).Distinct();

    private static IEnumerable<string> References(string project, string kind)
    {
        string file = SourceTree.Projects.Single(path => Short(path) == project);
        return XDocument.Load(file).Descendants(kind).Select(reference => reference.Attribute("Include")!.Value);
    }

    private static IEnumerable<string> Imports(string project) =>
        XDocument.Load(SourceTree.Projects.Single(path => Short(path) == project)).Descendants("Import").Select(import => import.Attribute("Project")!.Value);

    private static string Short(string path) => Path.GetFileNameWithoutExtension(path).Replace("DiffusionDpo.", "", StringComparison.Ordinal);
}
