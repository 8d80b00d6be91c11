using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s.Models;
using KubeApi.Definitions;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Resources;

internal sealed partial class ConfigMapStrategy() : BuiltinStrategy(typeof(V1ConfigMap))
{
    private const long Limit = 1024 * 1024;
    private const string KeyText = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

    private const string DataText = "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.";

    public override IReadOnlyList<PrinterColumn> Columns { get; } = [new("Data", "string", "count", DataText, 0, ".data")];

    public override IEnumerable<FieldError> Validate(JsonObject document, JsonObject? before)
    {
        long size = 0;
        foreach (var part in (string[])["data", "binaryData"])
        {
            foreach (var (key, value) in document.Object(part) ?? [])
            {
                size += value?.ToString().Length ?? 0;
                if (!Key().IsMatch(key))
                    yield return FieldError.Invalid($"{part}[{key}]", FieldError.Quote(key), KeyText);
            }
        }

        if (size > Limit)
            yield return FieldError.TooLong("[]", Limit);
        if (before?.Flag("immutable") != true)
            yield break;
        foreach (var part in (string[])["immutable", "data", "binaryData"])
        {
            if (!document[part].SameAs(before[part]))
                yield return FieldError.Forbidden(part, "field is immutable when `immutable` is set");
        }
    }

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z")]
    private static partial Regex Key();
}
