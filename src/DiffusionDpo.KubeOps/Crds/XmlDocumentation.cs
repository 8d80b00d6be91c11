using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DiffusionDpo.KubeOps.Crds;

/// <summary>
/// The summaries that stand in the code, from the documentation files beside the assemblies: the schema says what the code says, and
/// nobody writes it twice. Types of packages bring no documentation file; they have no description.
/// </summary>
internal sealed partial class XmlDocumentation
{
    private readonly Dictionary<Assembly, Dictionary<string, XElement>> files = [];

    /// <summary>The summary of a type, property or field as plain text; null where its assembly is of a package.</summary>
    /// <exception cref="FileNotFoundException">An assembly of this project lacks its documentation file.</exception>
    public string? Of(MemberInfo member)
    {
        var assembly = member.Module.Assembly;
        if (!IsOfThisProject(assembly)) return null;
        var summaries = files.TryGetValue(assembly, out var loaded) ? loaded : files[assembly] = Load(assembly);
        return summaries.TryGetValue(IdOf(member), out var summary) ? PlainText(summary) : null;
    }

    /// <summary>Whether an assembly is built here, not taken from a package.</summary>
    public static bool IsOfThisProject(Assembly assembly) => assembly.GetName().Name!.StartsWith("DiffusionDpo.", StringComparison.Ordinal);

    private static Dictionary<string, XElement> Load(Assembly assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        if (!File.Exists(path)) throw new FileNotFoundException($"{path} is missing: the descriptions come from it", path);
        return XDocument.Load(path).Descendants("member")
            .Where(m => m.Element("summary") is not null)
            .ToDictionary(m => m.Attribute("name")!.Value, m => m.Element("summary")!);
    }

    private static string IdOf(MemberInfo member) => member switch
    {
        Type type => $"T:{type.FullName}",
        FieldInfo field => $"F:{field.DeclaringType!.FullName}.{field.Name}",
        _ => $"P:{member.DeclaringType!.FullName}.{member.Name}",
    };

    private static string PlainText(XElement summary) =>
        Space().Replace(string.Concat(summary.DescendantNodes().Select(Text)), " ").Trim();

    // A reference to a property reads as the key that users write.
    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see when see.Attribute("cref")?.Value is { } id =>
            id[0] == 'P' ? JsonNamingPolicy.CamelCase.ConvertName(id[(id.LastIndexOf('.') + 1)..]) : id[(id.LastIndexOf('.') + 1)..],
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
