using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Reads;

/// <summary>Puts stored bytes into answers in the form the client wants; nothing is parsed for the plain one.</summary>
internal static class Presentation
{
    public static ApiResponse One(RequestContext context, StoredObject item, int status = 200) => Negotiation.Choose(context) switch
    {
        Representation.Table => ApiResponse.Json(status, Table.Of(context, [item], item.ResourceVersion.ToString(CultureInfo.InvariantCulture))),
        Representation.PartialMetadata => ApiResponse.Json(status, PartialMetadata.Of(item)),
        Representation.Yaml => Yaml(status, context.Type.Shown(item.Document())),
        _ => ApiResponse.Json(status, Bytes(context, item)),
    };

    /// <summary>An object as this resource shows it.</summary>
    public static ReadOnlyMemory<byte> Bytes(RequestContext context, StoredObject item) =>
        context.Type.Conversion is null ? item.Bytes : DocumentWriter.Write(context.Type.Shown(item.Document()));

    public static ApiResponse Many(RequestContext context, ListPage page) => Negotiation.Choose(context) switch
    {
        Representation.Table => ApiResponse.Json(200, Table.Of(context, page.Items, page.ResourceVersion.ToString(CultureInfo.InvariantCulture))),
        Representation.PartialMetadata => ApiResponse.Json(200, PartialMetadata.List(page, Metadata(context, page))),
        Representation.Yaml => Yaml(200, DocumentReader.Read(Plain(context, page).Span)),
        _ => ApiResponse.Json(200, Plain(context, page)),
    };

    /// <summary>An object in a watch event.</summary>
    public static ReadOnlyMemory<byte> Event(RequestContext context, StoredObject item) => Negotiation.Choose(context) switch
    {
        Representation.PartialMetadata => DocumentWriter.Write(PartialMetadata.Of(item)),
        _ => Bytes(context, item),
    };

    private static ApiResponse Yaml(int status, JsonObject document) =>
        new() { Status = status, ContentType = "application/yaml", Body = Encoding.UTF8.GetBytes(YamlWriter.Write(document)) };

    private static ReadOnlyMemory<byte> Plain(RequestContext context, ListPage page)
    {
        var buffer = new ArrayBufferWriter<byte>(64 + page.Items.Sum(item => item.Bytes.Length + 1));
        buffer.Write(Encoding.UTF8.GetBytes($"{{\"kind\":\"{context.Type.List}\",\"apiVersion\":\"{context.Type.ApiVersion}\",\"metadata\":"));
        buffer.Write(DocumentWriter.Write(Metadata(context, page)));
        buffer.Write(",\"items\":["u8);
        var prefix = context.Type.IsCustom ? 0 : Prefix(context);
        for (var index = 0; index < page.Items.Count; index++)
        {
            if (index > 0)
                buffer.Write(","u8);
            if (prefix > 0)
                buffer.Write("{"u8);
            buffer.Write(Bytes(context, page.Items[index]).Span[prefix..]);
        }

        buffer.Write("]}"u8);
        return buffer.WrittenMemory;
    }

    /// <summary>Custom resources always show "continue"; builtin ones only where there is more.</summary>
    public static JsonObject Metadata(RequestContext context, ListPage page)
    {
        var metadata = new JsonObject { ["resourceVersion"] = page.ResourceVersion.ToString(CultureInfo.InvariantCulture) };
        if (page.Continue.Length > 0 || context.Type.IsCustom)
            metadata["continue"] = page.Continue;
        if (page.Remaining is { } remaining)
            metadata["remainingItemCount"] = remaining;
        return metadata;
    }

    // Items of builtin lists carry neither kind nor apiVersion; both stand first in the stored bytes.
    private static int Prefix(RequestContext context) =>
        $"{{\"kind\":\"{context.Type.Kind}\",\"apiVersion\":\"{context.Type.ApiVersion}\",".Length;
}
