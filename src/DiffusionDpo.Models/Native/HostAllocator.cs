using System.Runtime.InteropServices;

namespace DiffusionDpo.Models.Native;

/// <summary>The C library's allocator, from which libtorch takes the memory of its CPU tensors.</summary>
public static partial class HostAllocator
{
    // Parameters of glibc's mallopt (malloc.h).
    private const int TrimThreshold = -1;
    private const int MmapMax = -4;
    private const int ArenaMax = -8;
    private const int Never = -1;

    /// <summary>Whether the C library is glibc, the only one that has these settings.</summary>
    public static bool IsGlibc { get; } =
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out nint library) && NativeLibrary.TryGetExport(library, "gnu_get_libc_version", out _);

    /// <summary>
    /// Keeps freed memory in this process for the next tensor of its size. By default glibc gives every large block back to the system at once,
    /// and a training step then meets its temporaries as fresh pages: tens of thousands of page faults. To be called before large tensors
    /// exist. All threads share one heap then, because those of other threads than the main one hold no block over 64 MiB, and networks train on
    /// a thread of their own. Does nothing where the C library is not glibc.
    /// </summary>
    public static void KeepFreedMemory()
    {
        if (!IsGlibc) return;
        _ = Set(MmapMax, 0);
        _ = Set(TrimThreshold, Never);
        _ = Set(ArenaMax, 1);
    }

    /// <summary>
    /// Gives back what large work has left free: after training gigabytes are kept that nothing here will need again. Does nothing where the C library is not
    /// glibc.
    /// </summary>
    public static void GiveBackFreedMemory()
    {
        if (IsGlibc) _ = Trim(0);
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")] private static partial int Trim(nuint pad);

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")] private static partial int Set(int parameter, int value);
}
