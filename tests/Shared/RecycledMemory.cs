using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Shared;

/// <summary>Memory that the allocator will hand out again, with NaN in it: whoever reads it before writing it gives NaN.</summary>
internal static class RecycledMemory
{
    private const int SmallestBytes = 64;
    private const int LargestBytes = 64 << 10; // below glibc's threshold for memory of its own, which the system would zero
    private const int PerSize = 4;

    /// <summary>Fills blocks of many sizes with NaN and frees them.</summary>
    public static void FillWithNaN()
    {
        using DisposeScope scope = NewDisposeScope();
        for (long bytes = SmallestBytes; bytes <= LargestBytes; bytes += bytes / 2)
        {
            for (int i = 0; i < PerSize; i++) _ = full([bytes / sizeof(float)], float.NaN);
        }
    }
}
