using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace Benchmarks.Operators;

/// <summary>Calls recorded operators again, each alone, without gradients and with the very arguments it had, and times the calls.</summary>
internal sealed unsafe class AloneTimer : IDisposable
{
    private const int Slots = 64;
    private const int WarmUps = 2;
    private const int FewestCalls = 5;
    private const int MostCalls = 200;
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(40);

    private readonly nint dispatcher = LibTorch.Dispatcher();
    private readonly BoxedValue* slots = (BoxedValue*)NativeMemory.AllocZeroed(Slots, (nuint)sizeof(BoxedValue));

    public void Dispose() => NativeMemory.Free(slots);

    /// <summary>Times one operator; a view (a result that is an argument's memory, not written to) takes no time by definition.</summary>
    public AloneTime Time(RecordedOperator recorded)
    {
        foreach (ref readonly BoxedValue argument in recorded.Arguments)
        {
            if (!argument.IsKnown) return AloneTime.NotMeasured(recorded);
        }
        using var withoutGradients = no_grad();
        LibTorch.Operator called = Find(recorded);
        bool isView = false;
        for (int i = 0; i < WarmUps; i++) _ = Call(&called, recorded, ref isView);
        return isView ? AloneTime.View(recorded) : new AloneTime(recorded, Repeat(called, recorded));
    }

    private double[] Repeat(LibTorch.Operator called, RecordedOperator recorded)
    {
        var seconds = new List<double>(MostCalls);
        bool isView = false;
        long startedAt = Stopwatch.GetTimestamp();
        while (seconds.Count < FewestCalls || (seconds.Count < MostCalls && Stopwatch.GetElapsedTime(startedAt) < Budget))
            seconds.Add(Call(&called, recorded, ref isView).TotalSeconds);
        return [.. seconds];
    }

    private TimeSpan Call(LibTorch.Operator* called, RecordedOperator recorded, ref bool isView)
    {
        recorded.Arguments.CopyTo(new Span<BoxedValue>(slots, Slots));
        foreach (ref readonly BoxedValue argument in recorded.Arguments) argument.Hold();
        var stack = new LibTorch.Stack { Begin = slots, End = slots + recorded.Arguments.Length, Capacity = slots + Slots };
        long startedAt = Stopwatch.GetTimestamp();
        LibTorch.CallBoxed(dispatcher, called, &stack);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(startedAt);
        var results = new ReadOnlySpan<BoxedValue>(stack.Begin, (int)(stack.End - stack.Begin));
        isView = recorded.WritesNothing && recorded.SharesMemoryWith(results);
        Release(results);
        return elapsed;
    }

    private LibTorch.Operator Find(RecordedOperator recorded)
    {
        LibTorch.Operator found;
        fixed (byte* name = Encoding.UTF8.GetBytes(recorded.Name + '\0'), overload = Encoding.UTF8.GetBytes(recorded.Overload + '\0'))
            LibTorch.FindOperator(&found, dispatcher, name, overload);
        return found;
    }

    /// <summary>Frees tensors and the elements of lists; the empty shell of a list (a few bytes) stays until the process ends.</summary>
    private static void Release(ReadOnlySpan<BoxedValue> values)
    {
        foreach (ref readonly BoxedValue value in values)
        {
            if (value.Kind == BoxedValue.Tag.List) Release(value.Elements);
            if (value.Kind != BoxedValue.Tag.Tensor) continue;
            nint* tensor = (nint*)NativeMemory.Alloc((nuint)sizeof(nint));
            *tensor = value.Payload;
            _ = LibTorch.aoti_torch_delete_tensor_object((nint)tensor);
        }
    }
}
