using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionDpo.Models.Tokenizers;

/// <summary>What is read of <c>tokenizer_config.json</c> and <c>special_tokens_map.json</c>.</summary>
internal sealed record TokenizerConfig
{
    /// <summary>Ids of an encoded text; a number, because writers put 1e30 for "no limit".</summary>
    public double? ModelMaxLength { get; init; }

    /// <summary>The token before a text.</summary>
    public SpecialToken? BosToken { get; init; }

    /// <summary>The token after a text.</summary>
    public SpecialToken? EosToken { get; init; }

    /// <summary>The token for what is not in the vocabulary.</summary>
    public SpecialToken? UnkToken { get; init; }

    /// <summary>The token that fills up a text.</summary>
    public SpecialToken? PadToken { get; init; }
}

/// <summary>A special token, written as a string or as an object with its content.</summary>
/// <param name="Content">The token.</param>
[JsonConverter(typeof(SpecialTokenConverter))]
internal sealed record SpecialToken(string Content)
{
    private sealed class SpecialTokenConverter : JsonConverter<SpecialToken>
    {
        public override SpecialToken Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using JsonDocument token = JsonDocument.ParseValue(ref reader);
            JsonElement content = token.RootElement;
            if (content.ValueKind == JsonValueKind.Object && content.TryGetProperty("content", out JsonElement inner)) content = inner;
            return content.ValueKind == JsonValueKind.String
                ? new(content.GetString()!)
                : throw new JsonException("a token is a string or an object with a content");
        }

        public override void Write(Utf8JsonWriter writer, SpecialToken value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Content);
    }
}
