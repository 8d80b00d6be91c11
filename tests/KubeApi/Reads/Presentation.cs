using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Reads;

/// <summary>Puts stored bytes into answers; nothing is parsed for the plain form.</summary>
internal static class Presentation
{
    public static ApiResponse One(RequestContext context, StoredObject item, int status = 200) =>
        ApiResponse.Json(status, Bytes(context, item));

    /// <summary>An object as this resource shows it.</summary>
    public static ReadOnlyMemory<byte> Bytes(RequestContext context, StoredObject item) =>
        context.Type.Conversion is null ? item.Bytes : DocumentWriter.Write(context.Type.Shown(item.Document()));

    public static ApiResponse Many(RequestContext context, ListPage page)
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
        return ApiResponse.Json(200, buffer.WrittenMemory);
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
