using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApi.Json;

/// <summary>Writes documents as JSON with kind and apiVersion first.</summary>
public static class DocumentWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 512 };

    public static byte[] Write(JsonNode? document)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Options))
            WriteNode(writer, document);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteNode(Utf8JsonWriter writer, JsonNode? node)
    {
        if (node is not JsonObject root)
        {
            WritePlain(writer, node);
            return;
        }

        writer.WriteStartObject();
        foreach (var name in (string[])["kind", "apiVersion"])
        {
            if (root.TryGetPropertyValue(name, out var value))
            {
                writer.WritePropertyName(name);
                WritePlain(writer, value);
            }
        }

        foreach (var (name, value) in root)
        {
            if (name is "kind" or "apiVersion")
                continue;
            writer.WritePropertyName(name);
            WritePlain(writer, value);
        }

        writer.WriteEndObject();
    }

    private static void WritePlain(Utf8JsonWriter writer, JsonNode? node)
    {
        if (node is null)
            writer.WriteNullValue();
        else
            node.WriteTo(writer);
    }
}
