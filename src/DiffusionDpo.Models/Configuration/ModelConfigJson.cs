using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Models.Configuration;

/// <summary>
/// Reads a published <c>config.json</c>: snake_case names, unknown keys ignored, and every key that would change the architecture checked
/// against the values this program implements.
/// </summary>
internal static class ModelConfigJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        RespectNullableAnnotations = true,
    };

    /// <summary>Reads a configuration from a file.</summary>
    /// <exception cref="RunException">The file cannot be opened, is not JSON, or asks for what is not supported.</exception>
    public static T ReadFile<T>(string path, string supported)
    {
        try
        {
            return Parse<T>(File.ReadAllText(path), path, supported);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunException(ExitClass.InputMissing, $"{path}: cannot be opened ({e.Message}); is this a model in diffusers layout?", e);
        }
    }

    /// <summary>Reads a configuration from text.</summary>
    /// <param name="json">The text of <c>config.json</c>.</param>
    /// <param name="place">What an error message calls it.</param>
    /// <param name="supported">A JSON object: key → list of the values that are implemented. An absent key is always in order.</param>
    /// <exception cref="RunException">The text is not JSON of this form, or asks for what is not supported.</exception>
    public static T Parse<T>(string json, string place, string supported)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            RefuseUnsupported(document.RootElement, place, supported);
            return document.RootElement.Deserialize<T>(Options) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            string where = e.Path is null or "$" ? place : $"{place}: {e.Path.TrimStart('$', '.')}";
            throw new RunException(ExitClass.ConfigurationError, $"{where} cannot be read: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}; restore the file from the published model", e);
        }
    }

    /// <summary>Throws a configuration error that names key, value and what is expected, unless the condition holds.</summary>
    public static void Require(bool holds, string place, string key, object? value, string expected)
    {
        if (!holds) throw new RunException(ExitClass.ConfigurationError, $"{place}: {key} is {value ?? "null"}; {expected}");
    }

    private static void RefuseUnsupported(JsonElement config, string place, string supported)
    {
        if (config.ValueKind != JsonValueKind.Object) throw new JsonException("it is not a JSON object");
        using JsonDocument table = JsonDocument.Parse(supported);
        foreach (JsonProperty entry in table.RootElement.EnumerateObject())
        {
            if (!config.TryGetProperty(entry.Name, out JsonElement value)) continue;
            bool known = entry.Value.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value));
            string choices = string.Join(" or ", entry.Value.EnumerateArray().Select(allowed => allowed.GetRawText()));
            Require(known, place, entry.Name, value.GetRawText().ReplaceLineEndings(" "), $"only {choices} is supported");
        }
    }
}
