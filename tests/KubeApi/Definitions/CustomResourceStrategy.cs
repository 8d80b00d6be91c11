using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.FieldOwnership;
using KubeApi.Json;
using KubeApi.Resources;
using KubeApi.Schemas;

namespace KubeApi.Definitions;

/// <summary>A resource that a CustomResourceDefinition defines.</summary>
internal sealed class CustomResourceStrategy(string kind, StructuralSchema schema) : ResourceStrategy
{
    private const string NotChecked = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

    public override bool CountsGenerations => true;

    public override bool AllowsUnconditionalUpdate => false;

    public override bool StatusCarriesMetadata => false;

    public override FieldSchema Fields { get; } = StructuralFields.OfResource(schema);

    public override string UnknownFieldLabel(string field) => $"field label not supported: {field}";

    public override void Decode(JsonObject document, ICollection<string> unknown)
    {
        var found = new List<string>();
        if (document.Text("kind") == kind)
            Pruning.Prune(schema, document, "", found);
        MetadataFields.Decode(kind, document, found);
        foreach (var field in found.Order(StringComparer.Ordinal))
            unknown.Add(field);
    }

    public override void Default(JsonObject document)
    {
        if (document.Text("kind") == kind)
            Defaulting.Default(schema, document);
    }

    public override IEnumerable<FieldError> Validate(JsonObject document, JsonObject? before)
    {
        if (document.Text("kind") is { } given && given != kind)
            yield return FieldError.Invalid("kind", FieldError.Quote(given), $"must be {kind}");
        var validation = new SchemaValidation();
        validation.Validate(schema, document, "", "");
        foreach (var error in Finish(validation, document))
            yield return error;
        foreach (var error in validation.Blocks ? [] : CelValidation.Validate(schema, document, before, before is not null, ""))
            yield return error;
    }

    public override IEnumerable<FieldError> ValidateStatus(JsonObject document, JsonObject before)
    {
        var validation = new SchemaValidation();
        if (schema.Properties.GetValueOrDefault("status") is { } status && document["status"] is { } given)
            validation.Validate(status, given, "status", "");
        foreach (var error in Finish(validation, document))
            yield return error;
        foreach (var error in validation.Blocks ? [] : CelValidation.Validate(schema, document, before, true, ""))
            yield return error;
    }

    private static IEnumerable<FieldError> Finish(SchemaValidation validation, JsonObject document)
    {
        foreach (var error in validation.Errors)
            yield return error;
        if (validation.Blocks || string.IsNullOrEmpty(document.Metadata().Text("name")))
            yield return FieldError.Invalid("<nil>", "null", NotChecked);
    }
}
