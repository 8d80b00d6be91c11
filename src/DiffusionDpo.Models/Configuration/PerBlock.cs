using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionDpo.Models.Configuration;

/// <summary>A number that a published configuration gives either once for all blocks or as a list with one for each.</summary>
/// <param name="values">One value, or one for each block.</param>
[JsonConverter(typeof(PerBlockConverter))]
public sealed class PerBlock(params IReadOnlyList<int> values)
{
    /// <summary>The value for a block.</summary>
    /// <param name="block">Index of the block, from the full resolution downwards.</param>
    public int this[int block] => values.Count == 1 ? values[0] : values[block];

    /// <summary>The values as given.</summary>
    public IReadOnlyList<int> Values => values;

    /// <summary>One value for all blocks.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator PerBlock(int value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => values.Count == 1 ? $"{values[0]}" : $"[{string.Join(", ", values)}]";

    internal bool Fits(int blocks) => (values.Count == 1 || values.Count == blocks) && values.All(value => value > 0);

    private sealed class PerBlockConverter : JsonConverter<PerBlock>
    {
        public override PerBlock Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.StartArray
                ? new(JsonSerializer.Deserialize<int[]>(ref reader, options)!)
                : new(reader.GetInt32());

        public override void Write(Utf8JsonWriter writer, PerBlock value, JsonSerializerOptions options)
        {
            if (value.Values.Count == 1) writer.WriteNumberValue(value[0]);
            else JsonSerializer.Serialize(writer, value.Values, options);
        }
    }
}
