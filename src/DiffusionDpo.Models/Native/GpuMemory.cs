using System.Runtime.InteropServices;
using System.Text;

namespace DiffusionDpo.Models.Native;

/// <summary>The memory of the GPU that libtorch computes on by default, as CUDA's driver tells it. libtorch's C interface has no question for it.</summary>
public static partial class GpuMemory
{
    private const string Driver = "libcuda.so.1";
    private const int Success = 0;
    private const int MostOfName = 256;

    /// <summary>Bytes of the first visible GPU, whoever has some of them; null where there is no driver or no GPU.</summary>
    public static long? Total() =>
        NativeLibrary.TryLoad(Driver, out _) && Initialize(0) == Success && GetDevice(out int device, 0) == Success && GetTotal(out nuint bytes, device) == Success ? (long)bytes : null;

    /// <summary>What the first visible GPU is called; null where there is no driver or no GPU.</summary>
    public static string? Name()
    {
        byte[] name = new byte[MostOfName];
        bool isThere = NativeLibrary.TryLoad(Driver, out _) && Initialize(0) == Success && GetDevice(out int device, 0) == Success && GetName(name, name.Length, device) == Success;
        return isThere ? Encoding.UTF8.GetString(name.AsSpan(0, name.AsSpan().IndexOf((byte)0))) : null;
    }

    [LibraryImport(Driver, EntryPoint = "cuInit")] private static partial int Initialize(uint flags);

    [LibraryImport(Driver, EntryPoint = "cuDeviceGet")] private static partial int GetDevice(out int device, int ordinal);

    [LibraryImport(Driver, EntryPoint = "cuDeviceGetName")] private static partial int GetName([Out] byte[] name, int length, int device);

    [LibraryImport(Driver, EntryPoint = "cuDeviceTotalMem_v2")] private static partial int GetTotal(out nuint bytes, int device);
}
