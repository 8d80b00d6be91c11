using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Storage;

/// <summary>
/// One object at one resourceVersion: immutable JSON bytes, so that ten thousand readers share one copy, plus the few values that
/// lists and watches select by.
/// </summary>
public sealed class StoredObject
{
    private StoredObject(ObjectKey key, long resourceVersion, byte[] bytes, JsonObject document)
    {
        Key = key;
        ResourceVersion = resourceVersion;
        Bytes = bytes;
        Uid = document.Metadata().Text("uid") ?? "";
        Labels = ReadLabels(document);
        Fields = SelectableFields.Read(document);
    }

    public ObjectKey Key { get; }

    public long ResourceVersion { get; }

    public string Uid { get; }

    /// <summary>The whole object as JSON; kind and apiVersion come first.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public IReadOnlyDictionary<string, string> Fields { get; }

    /// <summary>A fresh copy that the caller may change.</summary>
    public JsonObject Document() => DocumentReader.Read(Bytes.Span);

    /// <summary>Sets the resourceVersion in the document and freezes it. The document must not be used afterwards.</summary>
    public static StoredObject Freeze(ObjectKey key, long resourceVersion, JsonObject document)
    {
        document.Metadata()["resourceVersion"] = resourceVersion.ToString();
        return new StoredObject(key, resourceVersion, DocumentWriter.Write(document), document);
    }

    /// <summary>For an answer that was never stored (a dry run).</summary>
    public static StoredObject FreezeUnversioned(ObjectKey key, JsonObject document)
    {
        document.Metadata().Remove("resourceVersion");
        return new StoredObject(key, 0, DocumentWriter.Write(document), document);
    }

    /// <summary>For the answer to a write that changed nothing but carries another body.</summary>
    public static StoredObject FreezeAsIs(ObjectKey key, long resourceVersion, JsonObject document) =>
        new(key, resourceVersion, DocumentWriter.Write(document), document);

    /// <summary>The same content at another resourceVersion, as a DELETED event shows it.</summary>
    public StoredObject At(long resourceVersion) => Freeze(Key, resourceVersion, Document());

    private static Dictionary<string, string> ReadLabels(JsonObject document)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (document.Metadata()["labels"] is JsonObject given)
        {
            foreach (var (name, value) in given)
                labels[name] = value?.ToString() ?? "";
        }

        return labels;
    }
}
