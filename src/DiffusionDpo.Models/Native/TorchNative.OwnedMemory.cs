using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Native;

public static unsafe partial class TorchNative
{
    private static readonly ConcurrentDictionary<nint, IDisposable> Owners = new();

    /// <summary>
    /// A tensor of bytes over foreign memory that libtorch gives back: the owner is disposed when the last tensor that shares this
    /// storage (a view, a slice, a parameter made from one) is gone, so no order of disposal can leave a tensor over freed memory.
    /// The tensor belongs to no dispose scope.
    /// </summary>
    /// <param name="data">First byte; not the start of another block that is still in use.</param>
    /// <param name="length">Number of bytes.</param>
    /// <param name="owner">What frees the memory; disposed on the thread that drops the last tensor, or here on failure.</param>
    /// <returns>[length], uint8.</returns>
    public static Tensor FromOwnedBytes(nint data, long length, IDisposable owner)
    {
        if (!Owners.TryAdd(data, owner)) throw new InvalidOperationException("the memory already belongs to a tensor");
        nint handle = THSTensor_new(data, &Release, &length, 1, (sbyte)ScalarType.Byte, (sbyte)ScalarType.Byte, 0, -1, 0);
        if (handle == 0)
        {
            if (Owners.TryRemove(data, out _)) owner.Dispose();
            throw new InvalidOperationException("libtorch refused a tensor over foreign memory");
        }

        return Tensor.UnsafeCreateTensor(handle).DetachFromDisposeScope();
    }

    /// <summary>The same bytes as elements of another type, without a copy.</summary>
    /// <param name="tensor">Contiguous; starts, within its storage, at a multiple of the new element size, and its last dimension fills whole elements.</param>
    /// <param name="type">The new element type.</param>
    /// <returns>A view; its last dimension is scaled by the ratio of the element sizes.</returns>
    public static Tensor ViewAs(Tensor tensor, ScalarType type)
    {
        Span<ulong> stack = [Argument(tensor), (ulong)type];
        Call("aten::view", "dtype", stack);
        return Tensor.UnsafeCreateTensor((nint)stack[0]);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint data)
    {
        if (Owners.TryRemove(data, out IDisposable? owner)) owner.Dispose();
    }

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_new(
        nint data,
        delegate* unmanaged[Cdecl]<nint, void> release,
        long* sizes,
        int rank,
        sbyte type,
        sbyte convertTo,
        int deviceType,
        int deviceIndex,
        byte requiresGradient);
}
