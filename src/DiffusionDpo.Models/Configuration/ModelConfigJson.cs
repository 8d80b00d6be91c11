using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;

namespace DiffusionDpo.Models.Configuration;

/// <summary>
/// Reads a published <c>config.json</c>: snake_case names, unknown keys ignored, and every key that would change the architecture checked
/// against the values this program implements.
/// </summary>
internal static class ModelConfigJson
{
    /// <summary>Sixty times the largest vocabulary in use.</summary>
    private const long MostBytes = 64 << 20;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        RespectNullableAnnotations = true,
    };

    /// <summary>Reads a configuration from a file.</summary>
    /// <exception cref="RunException">The file cannot be opened, is not JSON, or asks for what is not supported.</exception>
    public static T ReadFile<T>(string path, string supported) => Parse<T>(ReadText(path), path, supported);

    /// <summary>The whole text of a small file of a model.</summary>
    /// <exception cref="RunException">The file cannot be opened, or is larger than any such file.</exception>
    public static string ReadText(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > MostBytes)
                throw new RunException(ExitClass.ConfigurationError, $"{path} has {stream.Length} bytes; at most {MostBytes} are read; restore the file from the published model");
            using StreamReader reader = new(stream);
            return reader.ReadToEnd();
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
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half a character, which is no text.
            string? path = (e as JsonException)?.Path;
            string where = path is null or "$" ? place : $"{place}: {Excerpt.Plain(path.TrimStart('$', '.'))}";
            throw new RunException(ExitClass.ConfigurationError, $"{where} cannot be read: {Excerpt.Plain(e.Message.ReplaceLineEndings(" ").TrimEnd('.'))}; restore the file from the published model", e);
        }
    }

    /// <summary>Throws a configuration error that names key, value and what is expected, unless the condition holds.</summary>
    public static void Require(bool holds, string place, string key, object? value, string expected)
    {
        if (!holds) throw new RunException(ExitClass.ConfigurationError, $"{place}: {key} is {Excerpt.Plain($"{value ?? "null"}")}; {expected}");
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
            Require(known, place, entry.Name, Excerpt.Plain(value.GetRawText().ReplaceLineEndings(" ")), $"only {choices} is supported");
        }
    }
}
