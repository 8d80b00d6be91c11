using System.Text.Json;
using DiffusionDpo.Models.Families;

namespace DiffusionDpo.Models.Layouts;

/// <summary>
/// The published model of a family: its configurations, so that a single file, which holds tensors alone, can be read.
/// </summary>
public sealed class PublishedFamily
{
    private readonly Lazy<ModelLayout> layout;

    private PublishedFamily(Family family)
    {
        (Name, Title) = (family.Key, family.Title);
        using Stream stream = typeof(PublishedFamily).Assembly.GetManifestResourceStream($"published/{Name}.json")!;
        using JsonDocument document = JsonDocument.Parse(stream);
        Files = document.RootElement.EnumerateObject().ToDictionary(each => each.Name, each => each.Value.Clone());
        layout = new(() => ModelLayout.Of(Configs));
    }

    /// <summary>All families that a single file is recognised as.</summary>
    public static IReadOnlyList<PublishedFamily> All { get; } = [.. FamilyList.All.Select(each => new PublishedFamily(each))];

    /// <summary>Its short name, such as <c>sdxl</c>.</summary>
    public string Name { get; }

    /// <summary>Its name for people.</summary>
    public string Title { get; }

    /// <summary>The JSON files of a model directory, by their paths in it.</summary>
    internal IReadOnlyDictionary<string, JsonElement> Files { get; }

    /// <summary>Directories of its tokenizers.</summary>
    internal IEnumerable<string> Tokenizers => Files.Keys.Select(file => Path.GetDirectoryName(file)!).Distinct()
        .Where(directory => directory.StartsWith("tokenizer", StringComparison.Ordinal));

    /// <summary>The configurations of its networks.</summary>
    internal ModelConfigs Configs => new(Name, ModelConfigs.Components.Where(each => Files.ContainsKey($"{each}/{ModelConfigs.FileName}"))
        .ToDictionary(each => each, each => Files[$"{each}/{ModelConfigs.FileName}"].GetRawText()));

    /// <summary>Names and shapes of its parameters.</summary>
    internal ModelLayout Layout => layout.Value;
}
