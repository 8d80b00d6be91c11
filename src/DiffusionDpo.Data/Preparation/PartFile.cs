using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Storage;
using static TorchSharp.torch;

namespace DiffusionDpo.Data.Preparation;

/// <summary>
/// An object with rows of images or prompts: a safetensors file with the tensor <c>rows</c>, and <c>checks</c>, the first 64 bits of the SHA-256 of each
/// piece of them.
/// </summary>
/// <param name="FirstByte">Where the first row begins.</param>
/// <param name="Checks">Of the pieces.</param>
internal sealed record PartFile(long FirstByte, long[] Checks)
{
    private const string Rows = "rows";
    private const string ChecksName = "checks";
    private const string StampName = "stamp";
    private const int MostHeader = 1 << 12;

    /// <summary>What an object must hold: all that its rows depend on.</summary>
    public static ContentHash StampOf(CacheIdentity identity, PartLayout layout, IEnumerable<FirstMet> rows)
    {
        var text = new StringBuilder($"{identity.Key} {layout.Kind} {string.Join('x', layout.RowShape)}\n");
        foreach (var row in rows) text.Append(row.Hash).Append('\n');
        return ContentHash.Of(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Writes the whole object.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="layout">Of its rows.</param>
    /// <param name="rows">All rows [n, …].</param>
    /// <param name="stamp">What they are.</param>
    public static void Write(Stream to, PartLayout layout, Tensor rows, ContentHash stamp)
    {
        using var scope = NewDisposeScope();
        var checks = new long[(int)rows.shape[0] * layout.Pieces];
        var bytes = TorchNative.Bytes(rows);
        for (var i = 0; i < checks.Length; i++) checks[i] = ContentHash.Of(bytes.Slice(i * layout.PieceBytes, layout.PieceBytes)).Check;
        SafetensorsWriter.Write(to, [(Rows, rows), (ChecksName, tensor(checks))], new Dictionary<string, string> { [StampName] = $"{stamp}" });
    }

    /// <summary>Looks at the head of an object.</summary>
    /// <returns>Null where there is none, or another than expected.</returns>
    public static async Task<PartFile?> FindAsync(
        IObjectStore store, ObjectInfo? info, PartLayout layout, (ContentHash Stamp, int Count) expected, CancellationToken cancellation)
    {
        var checks = expected.Count * layout.Pieces * sizeof(long);
        if (info is null || info.Size < sizeof(long) + checks) return null;
        var head = new byte[(int)Math.Min(info.Size, MostHeader + checks)];
        await store.ReadAsync(info, 0, head, cancellation).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadInt64LittleEndian(head);
        if (length is < 0 or > MostHeader - sizeof(long)) return null;
        var data = sizeof(long) + (int)length; // the checks come first: they are the widest numbers
        if (info.Size != data + checks + ((long)layout.RowBytes * expected.Count)) return null;
        return StampIn(head.AsMemory(sizeof(long), (int)length)) == $"{expected.Stamp}"
            ? new PartFile(data + checks, MemoryMarshal.Cast<byte, long>(head.AsSpan(data, checks)).ToArray())
            : null;
    }

    private static string? StampIn(ReadOnlyMemory<byte> header)
    {
        try
        {
            using var json = JsonDocument.Parse(header);
            return json.RootElement.TryGetProperty("__metadata__", out var told) && told.TryGetProperty(StampName, out var stamp) ? stamp.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
