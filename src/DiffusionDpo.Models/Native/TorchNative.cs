using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Native;

/// <summary>
/// The one place that calls libtorch's C functions directly, for what TorchSharp lacks: data pointers, tensors over foreign memory,
/// and operators through the dispatcher. A TorchSharp handle is an <c>at::Tensor*</c>, which is what these functions take.
/// </summary>
public static unsafe partial class TorchNative
{
    private const string LibTorch = "torch_cpu";

    /// <summary>First byte of the tensor's data; honours the storage offset. Valid while the tensor lives.</summary>
    /// <param name="tensor">A CPU tensor.</param>
    public static nint DataPointer(Tensor tensor)
    {
        Check(aoti_torch_get_data_ptr(tensor.Handle, out nint data), nameof(DataPointer));
        return data;
    }

    /// <summary>The bytes of a contiguous CPU tensor, without a copy. Valid while the tensor lives.</summary>
    /// <param name="tensor">A contiguous CPU tensor of at most 2 GiB.</param>
    public static Span<byte> Bytes(Tensor tensor) =>
        new((void*)DataPointer(tensor), checked((int)(tensor.numel() * tensor.element_size())));

    /// <summary>A tensor over memory that someone else owns and keeps alive for as long as the tensor lives.</summary>
    /// <param name="data">First byte.</param>
    /// <param name="shape">The shape; the layout is contiguous.</param>
    /// <param name="type">The element type.</param>
    public static Tensor FromBlob(nint data, ReadOnlySpan<long> shape, ScalarType type)
    {
        Span<long> strides = stackalloc long[Math.Max(1, shape.Length)];
        for (long i = shape.Length - 1, stride = 1; i >= 0; stride *= Math.Max(1, shape[(int)i--])) strides[(int)i] = stride;
        fixed (long* sizesAt = shape, stridesAt = strides)
        {
            long scalar = 0;
            Check(
                aoti_torch_create_tensor_from_blob(
                    data, shape.Length, sizesAt is null ? &scalar : sizesAt, stridesAt, 0, (int)type, 0, 0, out nint handle),
                nameof(FromBlob));
            return Tensor.UnsafeCreateTensor(handle);
        }
    }

    /// <summary>A counted reference to the tensor as a dispatcher argument; the call consumes it.</summary>
    /// <param name="tensor">The tensor.</param>
    public static ulong Argument(Tensor tensor)
    {
        Check(aoti_torch_new_tensor_handle(tensor.Handle, out nint copy), nameof(Argument));
        return (ulong)copy;
    }

    /// <summary>A list of tensors as a dispatcher argument; the call consumes it.</summary>
    /// <param name="tensors">The tensors; may be empty.</param>
    public static ulong Argument(ReadOnlySpan<Tensor> tensors)
    {
        Check(torch_new_list_reserve_size((nuint)tensors.Length, out nint list), nameof(Argument));
        foreach (Tensor tensor in tensors) Check(torch_list_push_back(list, Argument(tensor)), nameof(Argument));
        return (ulong)list;
    }

    /// <summary>A float as a dispatcher argument.</summary>
    /// <param name="value">The value.</param>
    public static ulong Argument(double value) => BitConverter.DoubleToUInt64Bits(value);

    /// <summary>Calls an operator through the dispatcher; the results replace the arguments from the start of the stack.</summary>
    /// <param name="name">Qualified name, such as <c>aten::_fused_adamw_</c>.</param>
    /// <param name="overload">Overload name; empty for the first.</param>
    /// <param name="stack">All arguments in the order of the schema; consumed.</param>
    /// <exception cref="InvalidOperationException">The operator failed.</exception>
    public static void Call(string name, string overload, Span<ulong> stack)
    {
        fixed (ulong* at = stack) Check(torch_call_dispatcher(name, overload, at, aoti_torch_abi_version()), name);
    }

    /// <summary>Keeps libtorch from choosing NNPACK for convolutions, in this process.</summary>
    public static void DisableNnpack() => SetUserEnabledNnpack(GlobalContext(), 0);

    /// <summary>
    /// Keeps libtorch from choosing cuDNN for attention, in this process: on Hopper and later it comes first, has been wrong for lengths that 128 does not divide (77 tokens), and
    /// computes otherwise with gradients than without, so that policy and reference would differ before the first step.
    /// </summary>
    public static void DisableCudnnAttention() => SetSdpUseCudnn(GlobalContext(), 0);

    private static void Check(int code, string what)
    {
        if (code != 0) throw new InvalidOperationException($"libtorch refused {what} (code {code})");
    }

    // C++ functions of libtorch 2.10 by their mangled names: at::globalContext(), at::Context::setUserEnabledNNPACK(bool) and setSDPUseCuDNN(bool).
    [LibraryImport(LibTorch, EntryPoint = "_ZN2at13globalContextEv")] private static partial nint GlobalContext();

    [LibraryImport(LibTorch, EntryPoint = "_ZN2at7Context20setUserEnabledNNPACKEb")] private static partial void SetUserEnabledNnpack(nint context, byte enabled);

    [LibraryImport(LibTorch, EntryPoint = "_ZN2at7Context14setSDPUseCuDNNEb")] private static partial void SetSdpUseCudnn(nint context, byte enabled);

    [LibraryImport(LibTorch)] private static partial int aoti_torch_get_data_ptr(nint tensor, out nint data);

    [LibraryImport(LibTorch)] private static partial int aoti_torch_new_tensor_handle(nint tensor, out nint copy);

    [LibraryImport(LibTorch)] private static partial ulong aoti_torch_abi_version();

    [LibraryImport(LibTorch)] private static partial int torch_new_list_reserve_size(nuint size, out nint list);

    [LibraryImport(LibTorch)] private static partial int torch_list_push_back(nint list, ulong element);

    [LibraryImport(LibTorch, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int torch_call_dispatcher(string name, string overload, ulong* stack, ulong version);

    [LibraryImport(LibTorch)]
    private static partial int aoti_torch_create_tensor_from_blob(
        nint data, long rank, long* sizes, long* strides, long offset, int type, int deviceType, int deviceIndex, out nint tensor);
}
