using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit;

namespace DiffusionDpo.Architecture.Tests;

public sealed class NamingTests
{
    private static readonly string[] s_bannedSuffixes = ["Manager", "Helper", "Helpers", "Util", "Utils", "Processor", "Common", "Base"];

    public static TheoryData<string> Assemblies =>
        [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Where(IsOurs).Select(path => Path.GetFileNameWithoutExtension(path))];

    [Fact]
    public void All_assemblies_are_seen() => Assert.Equal(SourceTree.Projects.Count(), Assemblies.Count);

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_type_hides_behind_a_name_that_says_nothing(string assembly) =>
        Assert.DoesNotContain(Types(assembly), type => s_bannedSuffixes.Any(suffix => type.Name.EndsWith(suffix, StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Classes_are_sealed_unless_they_are_abstract(string assembly)
    {
        IEnumerable<Type> open = Types(assembly).Where(type => type.IsClass && !type.IsSealed && !type.IsAbstract && !IsContract(type));
        Assert.Empty(open);
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Public_surface_is_documented(string assembly)
    {
        string xml = Path.Combine(AppContext.BaseDirectory, assembly + ".xml");
        Assert.True(File.Exists(xml), $"{assembly} has no documentation file");
        string text = File.ReadAllText(xml);
        IEnumerable<string> bare = Types(assembly).Where(type => type.IsVisible)
            .Select(type => $"T:{type.FullName!.Replace('+', '.')}\"").Where(member => !text.Contains(member, StringComparison.Ordinal));
        Assert.Empty(bare);
    }

    [Fact]
    public void Folders_are_namespaces()
    {
        IEnumerable<string> strays = SourceTree.Files.Where(file => !NamespaceFitsFolder(file)).Select(file => Path.GetRelativePath(SourceTree.Root, file));
        Assert.Empty(strays);
    }

    [Fact]
    public void Nothing_is_left_to_do_without_an_issue_number()
    {
        string[] marks = ["TO" + "DO", "FIX" + "ME", "NotImplementedException"];
        IEnumerable<string> unfinished = SourceTree.Files.Where(file => marks.Any(File.ReadAllText(file).Contains));
        Assert.Empty(unfinished);
    }

    // KubeOps' public contract keeps KubeOps' own shape and namespaces: moving to the package must not touch the controllers.
    private static bool IsContract(Type type) => type.Namespace!.StartsWith("KubeOps.Abstractions", StringComparison.Ordinal);

    private static bool IsOurs(string path) =>
        Path.GetFileName(path) is "ddpo.dll" or "operator.dll"
        || (Path.GetFileName(path).StartsWith("DiffusionDpo.", StringComparison.Ordinal) && !path.EndsWith(".Tests.dll", StringComparison.Ordinal));

    private static IEnumerable<Type> Types(string assembly) =>
        Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")).GetTypes()
            .Where(type => type.Namespace is not null && !type.IsDefined(typeof(CompilerGeneratedAttribute), false) && !type.Name.Contains('<', StringComparison.Ordinal)
                && !(type.Namespace.StartsWith("System", StringComparison.Ordinal) || type.Namespace.StartsWith("Microsoft", StringComparison.Ordinal)));

    private static bool NamespaceFitsFolder(string file)
    {
        string? line = File.ReadLines(file).FirstOrDefault(text => text.StartsWith("namespace ", StringComparison.Ordinal));
        if (line is null) return Path.GetFileName(file) is "Program.cs" or "GlobalUsings.cs" or "AssemblyInfo.cs";
        string folder = Path.GetRelativePath(SourceTree.Root, Path.GetDirectoryName(file)!).Replace('/', '.');
        string expected = folder.StartsWith("DiffusionDpo.KubeOps.Abstractions", StringComparison.Ordinal) ? folder["DiffusionDpo.".Length..] : folder;
        return line == $"namespace {expected};";
    }
}
