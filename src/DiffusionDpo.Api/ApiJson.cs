using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionDpo.Api;

/// <summary>How records of this project are written as JSON: camelCase keys, enums by their written names.</summary>
internal static class ApiJson
{
    /// <summary>For files that people read. File names and URIs stay legible: the text never lands in HTML.</summary>
    public static readonly JsonSerializerOptions Indented = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>The same on one line.</summary>
    public static readonly JsonSerializerOptions Compact = new(Indented) { WriteIndented = false };
}
