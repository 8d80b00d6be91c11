using System.Text.Json.Nodes;

namespace KubeApi.Errors;

/// <summary>One complaint about one field, worded as the real server words it.</summary>
public sealed record FieldError(string Reason, string Field, string Message)
{
    public static FieldError Required(string field, string detail) =>
        new("FieldValueRequired", field, detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    public static FieldError Invalid(string field, string value, string detail) =>
        new("FieldValueInvalid", field, $"Invalid value: {value}: {detail}");

    /// <summary>Invalid with the value shown as JSON shows it.</summary>
    public static FieldError InvalidValue(string field, JsonNode? value, string detail) => Invalid(field, Show(value), detail);

    public static FieldError TypeInvalid(string field, string value, string detail) =>
        new("FieldValueTypeInvalid", field, $"Invalid value: {value}: {detail}");

    public static FieldError Forbidden(string field, string detail) => new("FieldValueForbidden", field, $"Forbidden: {detail}");

    public static FieldError NotSupported(string field, string value, IEnumerable<string> supported) =>
        new("FieldValueNotSupported", field, $"Unsupported value: {value}: supported values: {string.Join(", ", supported.Select(Quote))}");

    public static FieldError Duplicate(string field, string value) => new("FieldValueDuplicate", field, $"Duplicate value: {value}");

    public static FieldError TooLong(string field, long maximum) =>
        new("FieldValueTooLong", field, $"Too long: may not be more than {maximum} bytes");

    public static FieldError TooMany(string field, long count, long maximum) =>
        new("FieldValueTooMany", field, $"Too many: {count}: must have at most {maximum} items");

    public static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal) + "\"";

    public static string Show(JsonNode? value) => value is null ? "null" : System.Text.Encoding.UTF8.GetString(Json.DocumentWriter.Write(value));

    public override string ToString() => $"{Field}: {Message}";
}
