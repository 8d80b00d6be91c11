using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Benchmarks.Operators;

/// <summary>
/// Observes every operator that this thread calls while it lives, through libtorch's own observer hooks (those of its profiler).
/// Only outermost operators count: <c>linear</c>, not the <c>addmm</c> inside it. On the CPU the backward pass runs on the calling
/// thread, so its operators are seen as well.
/// </summary>
internal sealed unsafe class OperatorRecorder : IDisposable
{
    /// <summary>Where <c>at::RecordFunction</c> of libtorch 2.10 keeps its array of inputs (pointer, length).</summary>
    private const int InputsAt = 0xd0;

    [ThreadStatic] private static OperatorRecorder? current;

    private readonly Dictionary<ulong, RecordedOperator> operators = [];
    private readonly ulong handle;
    private RecordedOperator? running;
    private int depth;
    private long startedAt;
    private long ownTicks;

    public OperatorRecorder()
    {
        var callback = new LibTorch.Callback { Start = &OnStart, End = &OnEnd, SamplingProbability = 1, NeedsInputs = 1 };
        callback.Scopes[0] = 1;
        current = this;
        handle = LibTorch.AddThreadLocalCallback(callback);
    }

    /// <summary>
    /// Observes one known operator and throws if anything else is seen: the names and offsets in this folder are those of one libtorch.
    /// </summary>
    public static void RequireKnownLibTorch()
    {
        using Tensor left = ones(2, 3), right = ones(3, 4);
        using var recorder = new OperatorRecorder();
        using Tensor product = left.mm(right);
        RecordedOperator[] seen = [.. recorder.Operators];
        if (seen is not [{ Name: "aten::mm", Shapes: "[2,3] [3,4]", Count: 1 }])
            throw new InvalidOperationException("this libtorch describes its operators in another way; adapt tests/Benchmarks/Operators to it");
    }

    /// <summary>What was called, in the order of first calls.</summary>
    public IReadOnlyCollection<RecordedOperator> Operators => operators.Values;

    /// <summary>Time spent in observing, in seconds, as far as the callbacks themselves see it.</summary>
    public double OwnSeconds => (double)ownTicks / Stopwatch.Frequency;

    /// <summary>Counts and times from 0 again, with the operators already known.</summary>
    public void Restart()
    {
        ownTicks = 0;
        foreach (RecordedOperator known in operators.Values) known.Restart();
    }

    /// <summary>Observes no more; what was seen stays.</summary>
    public void Dispose()
    {
        LibTorch.RemoveCallback(handle);
        current = null;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint OnStart(nint context, nint function)
    {
        *(nint*)context = 0;
        if (IsOperator(function)) current!.Start(function);
        return context;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnEnd(nint function, nint context)
    {
        if (IsOperator(function)) current!.End();
    }

    /// <summary>Autograd's nodes are reported in the same way; the operators inside them are what counts.</summary>
    private static bool IsOperator(nint function) =>
        MemoryMarshal.CreateReadOnlySpanFromNullTerminated(LibTorch.Name(function)).StartsWith("aten::"u8);

    private void Start(nint function)
    {
        if (depth++ > 0) return;
        long enteredAt = Stopwatch.GetTimestamp();
        running = Find(function);
        startedAt = Stopwatch.GetTimestamp();
        ownTicks += startedAt - enteredAt;
    }

    private void End()
    {
        if (--depth > 0) return;
        long endedAt = Stopwatch.GetTimestamp();
        running!.Add((double)(endedAt - startedAt) / Stopwatch.Frequency);
        ownTicks += Stopwatch.GetTimestamp() - endedAt;
    }

    private RecordedOperator Find(nint function)
    {
        nint* inputs = (nint*)(function + InputsAt);
        var arguments = new ReadOnlySpan<BoxedValue>((void*)inputs[0], (int)inputs[1]);
        byte* name = LibTorch.Name(function);
        byte* overload = LibTorch.OverloadName(function);
        ref RecordedOperator? known = ref CollectionsMarshal.GetValueRefOrAddDefault(
            operators, ArgumentForm.Hash((nint)name, (nint)overload, arguments), out _);
        if (known is not null) return known;
        foreach (ref readonly BoxedValue argument in arguments) argument.Hold();
        return known = new RecordedOperator(Text(name), Text(overload), arguments.ToArray());
    }

    private static string Text(byte* utf8) => Marshal.PtrToStringUTF8((nint)utf8)!;
}
