using System.IO.MemoryMappedFiles;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Safetensors;

/// <summary>
/// A safetensors file, memory-mapped. Tensors are views of the mapping: reading one costs no copy, and pages come from disk when they
/// are touched. The mapping is private (copy on write): writing into a tensor never changes the file. It lives until the file object is
/// disposed and the last tensor is gone, whichever comes later, so tensors may outlive this object. Replacing the file by renaming another
/// over it is harmless; shortening it in place while it is mapped is not.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly SafetensorsHeader header;
    private readonly Tensor bytes; // [file length], uint8

    private SafetensorsFile(string path, SafetensorsHeader header, Tensor bytes)
    {
        Path = path;
        this.header = header;
        this.bytes = bytes;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors in the order of their data.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => header.Entries;

    /// <summary>The free text-to-text map of the header; empty if it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Opens, maps and checks a file. The checks read the header only.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RunException">Input missing: there is no such file, or it cannot be read. Data error: it is no sound safetensors file.</exception>
    public static SafetensorsFile Open(string path) => OpenFailure.Translate(path, "safetensors file", Map);

    /// <summary>
    /// The tensor of this name, of the stored type and shape, on the CPU. It is a view of the mapping, or a copy in the rare case that the
    /// file places it at an offset that its element type cannot be read from.
    /// </summary>
    /// <param name="name">Its key.</param>
    /// <exception cref="RunException">Data error: the file has no such tensor.</exception>
    public Tensor GetTensor(string name)
    {
        ObjectDisposedException.ThrowIf(bytes.IsInvalid, this);
        if (!header.Entries.TryGetValue(name, out SafetensorsEntry? entry))
            throw new RunException(ExitClass.DataError, $"{Path} has no tensor {Excerpt.Of(name)}; check that it is the right file");
        using DisposeScope scope = NewDisposeScope();
        Tensor stored = bytes.narrow(0, header.DataStart + entry.Offset, entry.Length);
        if ((header.DataStart + entry.Offset) % StorageTypes.BytesOf(entry.Type) != 0) stored = stored.clone();
        return TorchNative.ViewAs(stored, entry.Type).view([.. entry.Shape]).MoveToOuterDisposeScope();
    }

    /// <summary>Lets go of the mapping; tensors taken from it stay valid and keep it until they are gone.</summary>
    public void Dispose() => bytes.Dispose();

    private static SafetensorsFile Map(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        long length = stream.CanSeek ? stream.Length : 0;
        if (length < SafetensorsHeader.PrefixBytes) throw new InvalidDataException($"it has {length} bytes, less than a header's length takes");
        using var map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.CopyOnWrite, HandleInheritability.None, leaveOpen: true);
        Tensor bytes = Mapping.Of(map, length);
        try
        {
            int jsonLength = SafetensorsHeader.JsonLength(Head(bytes, 0, SafetensorsHeader.PrefixBytes), length);
            return new(path, SafetensorsHeader.Parse(Head(bytes, SafetensorsHeader.PrefixBytes, jsonLength), length), bytes);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private static unsafe ReadOnlySpan<byte> Head(Tensor bytes, int start, int length) =>
        new((byte*)TorchNative.DataPointer(bytes) + start, length);
}
