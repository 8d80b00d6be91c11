using System.IO.Compression;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Pickles;

/// <summary>The archive that PyTorch writes since version 1.6: one directory with a pickle and the storages that it refers to, nothing compressed.</summary>
internal sealed class TorchArchive : IDisposable
{
    private const string PickleName = "data.pkl";
    private const long MostPickleBytes = 64 << 20;
    private const int PieceBytes = 16 << 20;

    private readonly ZipArchive zip;
    private readonly Dictionary<string, ZipArchiveEntry> entries;
    private readonly string root;

    private TorchArchive(ZipArchive zip, long fileBytes)
    {
        this.zip = zip;
        Bytes = fileBytes;
        entries = [];
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            if (!IsPlain(entry.FullName) || !entries.TryAdd(entry.FullName, entry))
                throw new PickleRefusal($"its archive has an entry {Excerpt.Of(entry.FullName)}, which PyTorch does not write");
            if (entry.CompressedLength != entry.Length || entry.IsEncrypted) throw new PickleRefusal($"its archive's entry {Excerpt.Of(entry.FullName)} is compressed, which PyTorch does not do");
        }

        if (entries.Values.Aggregate((Int128)0, (sum, entry) => sum + entry.Length) > fileBytes) throw new PickleRefusal("its archive's entries are longer than the file");
        string[] roots = [.. entries.Keys.Where(name => name.EndsWith($"/{PickleName}", StringComparison.Ordinal)).Select(name => name[..^PickleName.Length])];
        root = roots is [var only] && entries.Keys.All(name => name.StartsWith(only, StringComparison.Ordinal))
            ? only
            : throw new PickleRefusal($"its archive is not one directory with a {PickleName}");
        if (Find("byteorder") is { } order && !Text(order).StartsWith("little", StringComparison.Ordinal)) throw new PickleRefusal("its numbers are not little-endian");
    }

    /// <summary>Length of the file.</summary>
    public long Bytes { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="PickleRefusal">It is no such archive, or one that PyTorch would not have written.</exception>
    /// <exception cref="InvalidDataException">It is no sound zip archive.</exception>
    public static TorchArchive Open(string path)
    {
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            Span<byte> start = stackalloc byte[4];
            if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start.SequenceEqual("PK\u0003\u0004"u8))
                throw new PickleRefusal("it is not the archive that PyTorch writes since version 1.6; load and save it with a newer one first");
            return new(new ZipArchive(stream, ZipArchiveMode.Read), stream.Length);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of the pickle.</summary>
    public byte[] Pickle()
    {
        ZipArchiveEntry entry = Find(PickleName)!;
        if (entry.Length > MostPickleBytes) throw new PickleRefusal($"its {PickleName} has {entry.Length} bytes; {MostPickleBytes} are more than any model needs");
        byte[] bytes = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Refuses a storage that is not there or not of the length that the pickle says.</summary>
    public void RefuseUnlessThere(PickledStorage storage)
    {
        Int128 bytes = (Int128)storage.Elements * StorageTypes.BytesOf(storage.Type);
        if (Find($"data/{storage.Key}") is not { } entry || entry.Length != bytes)
            throw new PickleRefusal($"its archive has no storage {storage.Key} of {bytes} bytes, to which its {PickleName} refers");
    }

    /// <summary>The elements of a storage, [elements]; belongs to the caller's dispose scope.</summary>
    public Tensor Read(PickledStorage storage)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor bytes = empty(storage.Elements * StorageTypes.BytesOf(storage.Type), ScalarType.Byte);
        using Stream stream = Find($"data/{storage.Key}")!.Open();
        for (long done = 0; done < bytes.numel(); done += PieceBytes)
        {
            using Tensor piece = bytes.narrow(0, done, Math.Min(PieceBytes, bytes.numel() - done));
            stream.ReadExactly(TorchNative.Bytes(piece));
        }

        return TorchNative.ViewAs(bytes, storage.Type).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => zip.Dispose();

    private ZipArchiveEntry? Find(string name) => entries.GetValueOrDefault(root + name);

    private static string Text(ZipArchiveEntry entry)
    {
        Span<byte> text = stackalloc byte[(int)Math.Min(entry.Length, 16)];
        using Stream stream = entry.Open();
        stream.ReadExactly(text);
        return System.Text.Encoding.ASCII.GetString(text);
    }

    // Nothing is ever extracted to a path; who writes such names means no good all the same.
    private static bool IsPlain(string name) =>
        !name.Contains('\\', StringComparison.Ordinal) && !name.Any(char.IsControl)
        && name.Split('/') is { Length: > 1 } segments && segments.All(segment => segment is not ("" or "." or ".."));
}
