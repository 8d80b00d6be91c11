using System.Runtime.InteropServices;

namespace Benchmarks.Operators;

/// <summary>
/// libtorch's C++ functions for observing and calling operators, by their mangled names. Only the benchmark uses them: they belong to
/// exactly the libtorch that the solution pins (2.10.0), see <see cref="OperatorRecorder.RequireKnownLibTorch"/>.
/// </summary>
internal static unsafe partial class LibTorch
{
    private const string Library = "torch_cpu";

    /// <summary><c>at::RecordFunctionCallback</c>: the pair of callbacks and what they want to see.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Callback
    {
        public delegate* unmanaged[Cdecl]<nint, nint, nint> Start;
        public delegate* unmanaged[Cdecl]<nint, nint, void> End;
        public double SamplingProbability;
        public fixed byte Scopes[10];
        public byte NeedsInputs;
        public byte NeedsOutputs;
        public byte NeedsIds;
    }

    /// <summary><c>c10::OperatorHandle</c>: the definition and its place in the dispatcher's list.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Operator
    {
        public nint Definition;
        public nint Place;
    }

    /// <summary><c>std::vector&lt;c10::IValue&gt;</c>: arguments in, results out.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Stack
    {
        public BoxedValue* Begin;
        public BoxedValue* End;
        public BoxedValue* Capacity;
    }

    [LibraryImport(Library, EntryPoint = "_ZN2at22addThreadLocalCallbackENS_22RecordFunctionCallbackE")]
    public static partial ulong AddThreadLocalCallback(Callback callback);

    [LibraryImport(Library, EntryPoint = "_ZN2at14removeCallbackEm")]
    public static partial void RemoveCallback(ulong handle);

    [LibraryImport(Library, EntryPoint = "_ZNK2at14RecordFunction4nameEv"), SuppressGCTransition]
    public static partial byte* Name(nint function);

    [LibraryImport(Library, EntryPoint = "_ZNK2at14RecordFunction13overload_nameEv"), SuppressGCTransition]
    public static partial byte* OverloadName(nint function);

    [LibraryImport(Library, EntryPoint = "_ZN3c1010Dispatcher13realSingletonEv")]
    public static partial nint Dispatcher();

    [LibraryImport(Library, EntryPoint = "_ZN3c1010Dispatcher17findSchemaOrThrowEPKcS2_")]
    public static partial nint FindOperator(Operator* found, nint dispatcher, byte* name, byte* overload);

    [LibraryImport(Library, EntryPoint = "_ZNK3c1010Dispatcher9callBoxedERKNS_14OperatorHandleEPSt6vectorINS_6IValueESaIS5_EE")]
    public static partial void CallBoxed(nint dispatcher, Operator* called, Stack* stack);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int aoti_torch_is_defined(BoxedValue* tensor, out byte defined);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int aoti_torch_get_dim(BoxedValue* tensor, out long rank);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int aoti_torch_get_sizes(BoxedValue* tensor, out long* sizes);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int aoti_torch_get_strides(BoxedValue* tensor, out long* strides);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int aoti_torch_get_dtype(BoxedValue* tensor, out int type);

    [LibraryImport(Library)]
    public static partial int aoti_torch_delete_tensor_object(nint tensor);
}
