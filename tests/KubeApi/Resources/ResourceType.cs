using System.Text.Json.Nodes;

namespace KubeApi.Resources;

/// <summary>A resource the server serves.</summary>
public sealed record ResourceType
{
    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Kind { get; init; }

    public required string Plural { get; init; }

    public string Singular { get; init; } = "";

    public string ListKind { get; init; } = "";

    public bool Namespaced { get; init; } = true;

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public IReadOnlyList<string> Verbs { get; init; } = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>What discovery names below the resource.</summary>
    public IReadOnlyList<SubresourceType> Subresources { get; init; } = [];

    /// <summary>Whether the status is written through /status only.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Defined by a CustomResourceDefinition: some answers differ in form from those of builtin resources.</summary>
    public bool IsCustom { get; init; }

    /// <summary>The columns of a Table; empty = name and age.</summary>
    public IReadOnlyList<Definitions.PrinterColumn> Columns { get; init; } = [];

    public required ResourceStrategy Strategy { get; init; }

    /// <summary>How this resource's objects differ from the stored ones; null = not at all.</summary>
    public IVersionConversion? Conversion { get; init; }

    /// <summary>A resource that stores nothing answers a creation itself (an access review).</summary>
    public Func<RequestContext, JsonObject, Http.ApiResponse>? AnswersCreation { get; init; }

    /// <summary>The group that complaints about objects name: that of the stored form.</summary>
    public string ErrorGroup => Conversion is null ? Group : "";

    /// <summary>Where objects are stored; two versions or groups of one kind share it.</summary>
    public string Collection { get; init; } = "";

    public string StoredIn => Collection.Length > 0 ? Collection : QualifiedPlural;

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    public JsonObject Stored(JsonObject shown) => Conversion?.ToStored(shown) ?? shown;

    public JsonObject Shown(JsonObject stored) => Conversion?.FromStored(stored) ?? stored;

    public string List => ListKind.Length > 0 ? ListKind : $"{Kind}List";
}
