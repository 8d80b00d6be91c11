using System.IO.MemoryMappedFiles;
using DiffusionDpo.Models.Native;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Safetensors;

/// <summary>Keeps one view of a mapped file in memory until the last tensor over it is gone.</summary>
internal sealed class Mapping : IDisposable
{
    private readonly MemoryMappedViewAccessor view;

    private Mapping(MemoryMappedViewAccessor view) => this.view = view;

    /// <summary>The first bytes of a mapped file as a tensor that owns its mapping.</summary>
    /// <returns>[length], uint8, in no dispose scope.</returns>
    public static unsafe Tensor Of(MemoryMappedFile file, long length)
    {
        var mapping = new Mapping(file.CreateViewAccessor(0, length, MemoryMappedFileAccess.CopyOnWrite));
        byte* start = null;
        mapping.view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        return TorchNative.FromOwnedBytes((nint)start, length, mapping);
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
    }
}
