using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Schemas;

/// <summary>OpenAPI validation of a custom resource, in the wording of the real server.</summary>
internal sealed class SchemaValidation
{
    private readonly List<FieldError> _errors = [];

    /// <summary>Whether an error keeps CEL rules from being evaluated (type, required, enum, length, item count, format).</summary>
    public bool Blocks { get; private set; }

    public IReadOnlyList<FieldError> Errors => _errors;

    /// <summary>Validates a value. Fields are named from the root of the object; messages name them from where validation began.</summary>
    public void Validate(StructuralSchema schema, JsonNode? value, string field, string name)
    {
        if (value is null && schema.Nullable)
            return;
        if (!HasType(schema, value))
        {
            WrongType(schema, value, field, name);
            return;
        }

        CheckEnum(schema, value, field);
        switch (value)
        {
            case JsonObject map:
                CheckMap(schema, map, field, name);
                break;
            case JsonArray list:
                CheckList(schema, list, field, name);
                break;
            case JsonValue when value.Kind() == JsonValueKind.String:
                CheckText(schema, value.ToString(), field, name);
                break;
            case JsonValue when value.Kind() == JsonValueKind.Number:
                CheckNumber(schema, value, field, name);
                break;
        }
    }

    private static bool HasType(StructuralSchema schema, JsonNode? value) => value.Kind() switch
    {
        _ when schema.IntOrString => value.Kind() == JsonValueKind.String || value.AsInteger() is not null,
        JsonValueKind.Object => schema.Type is "object" or "",
        JsonValueKind.Array => schema.Type is "array" or "",
        JsonValueKind.String => schema.Type is "string" or "",
        JsonValueKind.Number => schema.Type is "number" or "" || schema.Type == "integer" && value.AsInteger() is not null,
        JsonValueKind.True or JsonValueKind.False => schema.Type is "boolean" or "",
        _ => false,
    };

    private void WrongType(StructuralSchema schema, JsonNode? value, string field, string name)
    {
        Blocks = true;
        var given = value.Kind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number when value.AsInteger() is not null => "integer",
            JsonValueKind.Number when schema.Format.Length > 0 => "float64",
            JsonValueKind.Number => "number",
            JsonValueKind.Null => "null",
            _ => "boolean",
        };
        var wanted = schema.IntOrString ? "integer,string" : given == "float64" ? schema.Format : schema.Type;
        var quoted = FieldError.Quote(given);
        _errors.Add(FieldError.TypeInvalid(field, quoted, $"{name} in body must be of type {wanted}: {quoted}"));
        if (given == "float64")
            _errors.Add(FieldError.Invalid("<nil>", "\"\"", $"Checked value must be of type {schema.Type} with format {schema.Format} in {name}"));
    }

    private void CheckEnum(StructuralSchema schema, JsonNode? value, string field)
    {
        if (schema.Enum.Count == 0 || schema.Enum.Any(allowed => allowed.SameAs(value)))
            return;
        Blocks = true;
        _errors.Add(FieldError.NotSupported(field, FieldError.Show(value), schema.Enum.Select(allowed => allowed?.ToString() ?? "null")));
    }

    private void CheckMap(StructuralSchema schema, JsonObject map, string field, string name)
    {
        foreach (var required in schema.Required.Where(required => !map.ContainsKey(required)))
        {
            Blocks = true;
            _errors.Add(FieldError.Required(Below(field, required), ""));
        }

        if (map.Count > schema.MaxProperties)
            Block(new FieldError("FieldValueTooMany", field, $"Too many: {map.Count}: must have at most {schema.MaxProperties} items"));
        if (map.Count < schema.MinProperties)
            _errors.Add(FieldError.InvalidValue(field, map, $"{name} in body should have at least {schema.MinProperties} properties"));
        foreach (var (key, child) in map)
        {
            var property = schema.Properties.GetValueOrDefault(key) ?? schema.AdditionalProperties;
            if (property is not null)
                Validate(property, child, Below(field, key), Below(name, key));
        }
    }

    private void CheckList(StructuralSchema schema, JsonArray list, string field, string name)
    {
        if (list.Count > schema.MaxItems)
            Block(FieldError.TooMany(field, list.Count, schema.MaxItems.Value));
        if (list.Count < schema.MinItems)
            Block(FieldError.InvalidValue(field, list.Count, $"{name} in body should have at least {schema.MinItems} items"));
        for (var index = 0; index < list.Count && schema.Items is not null; index++)
            Validate(schema.Items, list[index], $"{field}[{index}]", $"{name}[{index}]");
        CheckDuplicates(schema, list, field);
    }

    private void CheckDuplicates(StructuralSchema schema, JsonArray list, string field)
    {
        if (schema.ListType is not ("set" or "map"))
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < list.Count; index++)
        {
            var key = schema.ListType == "set" ? FieldError.Show(list[index]) : FieldError.Show(KeyOf(schema, list[index]));
            if (!seen.Add(key))
                _errors.Add(FieldError.Duplicate($"{field}[{index}]", key));
        }
    }

    private static JsonObject KeyOf(StructuralSchema schema, JsonNode? item)
    {
        var key = new JsonObject();
        foreach (var name in schema.ListMapKeys.Order(StringComparer.Ordinal))
        {
            if ((item as JsonObject)?[name] is { } value)
                key[name] = value.DeepClone();
        }

        return key;
    }

    private void CheckText(StructuralSchema schema, string text, string field, string name)
    {
        var length = text.EnumerateRunes().Count();
        if (length > schema.MaxLength)
            Block(FieldError.TooLong(field, schema.MaxLength.Value));
        if (length < schema.MinLength)
            Block(FieldError.Invalid(field, FieldError.Quote(text), $"{name} in body should be at least {schema.MinLength} chars long"));
        if (schema.Pattern is { } pattern && !pattern.IsMatch(text))
            _errors.Add(FieldError.Invalid(field, FieldError.Quote(text), $"{name} in body should match '{schema.PatternText}'"));
        if (schema.Format is "date-time" && !Formats.IsDateTime(text))
            Block(FieldError.TypeInvalid(field, FieldError.Quote(text), $"{name} in body must be of type date-time: {FieldError.Quote(text)}"));
    }

    private void CheckNumber(StructuralSchema schema, JsonNode value, string field, string name)
    {
        var number = value.AsNumber()!.Value;
        if (schema.Format == "int32" && number is > int.MaxValue or < int.MinValue && schema.Format == "int32")
            _errors.Add(FieldError.Invalid("<nil>", "\"\"", $"Checked value must be of type {schema.Type} with format int32 in {name}"));
        if (schema.Maximum is { } maximum && (number > maximum || schema.ExclusiveMaximum && number >= maximum))
            _errors.Add(FieldError.InvalidValue(field, value, $"{name} in body should be less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{Show(maximum)}"));
        if (schema.Minimum is { } minimum && (number < minimum || schema.ExclusiveMinimum && number <= minimum))
            _errors.Add(FieldError.InvalidValue(field, value, $"{name} in body should be greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{Show(minimum)}"));
        if (schema.MultipleOf is { } divisor && Math.IEEERemainder(number, divisor) != 0)
            _errors.Add(FieldError.InvalidValue(field, value, $"{name} in body should be a multiple of {Show(divisor)}"));
    }

    private void Block(FieldError error)
    {
        Blocks = true;
        _errors.Add(error);
    }

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Show(double number) => number.ToString(CultureInfo.InvariantCulture);
}
