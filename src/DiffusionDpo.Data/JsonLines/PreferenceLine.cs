using System.Text.Json;
using DiffusionDpo.Data.Sources;

namespace DiffusionDpo.Data.JsonLines;

/// <summary>What a line says.</summary>
/// <param name="Prompt">The prompt of both images.</param>
/// <param name="Image0">Where the first image is, as it stands there.</param>
/// <param name="Image1">Where the second one is.</param>
/// <param name="Verdict">Which is preferred.</param>
internal sealed record PreferenceLine(string Prompt, string Image0, string Image1, Verdict Verdict)
{
    /// <summary>Reads a line. Other properties than the four are passed over.</summary>
    /// <exception cref="InvalidDataException">It is not such a line; the message is the reason.</exception>
    public static PreferenceLine Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new InvalidDataException("it is not a JSON object");
            return new PreferenceLine(Text(root, "prompt", mayBeEmpty: true), Text(root, "image0"), Text(root, "image1"), VerdictOf(root));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half a character, which is no text.
            throw new InvalidDataException($"it is not JSON: {Printable.OneLine(exception.Message)}", exception);
        }
    }

    private static string Text(JsonElement root, string name, bool mayBeEmpty = false)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String) throw new InvalidDataException($"{name} is no text");
        return value.GetString() is { } text && (mayBeEmpty || text.Length > 0) ? text : throw new InvalidDataException($"{name} is empty");
    }

    private static Verdict VerdictOf(JsonElement root)
    {
        if (!root.TryGetProperty("preference", out var value) || value.ValueKind == JsonValueKind.Null) return Verdict.Unlabelled;
        return (value.ValueKind == JsonValueKind.String ? value.GetString() : null) switch
        {
            "image0" => Verdict.FirstWins,
            "image1" => Verdict.SecondWins,
            "tie" => Verdict.Tie,
            _ => throw new InvalidDataException($"preference is {Printable.OneLine(value.GetRawText())}, not \"image0\", \"image1\", \"tie\" or null"),
        };
    }
}
