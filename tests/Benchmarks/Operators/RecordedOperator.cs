namespace Benchmarks.Operators;

/// <summary>One operator with arguments of one form (sizes, strides, types, numbers), as often as the step called it.</summary>
/// <param name="name">Qualified name, such as <c>aten::linear</c>.</param>
/// <param name="overload">Overload name; empty for the first.</param>
/// <param name="arguments">The arguments of the first call, held for good.</param>
internal sealed class RecordedOperator(string name, string overload, BoxedValue[] arguments)
{
    public string Name => name;

    public string Overload => overload;

    public ReadOnlySpan<BoxedValue> Arguments => arguments;

    /// <summary>Calls since the recorder started.</summary>
    public int Count { get; private set; }

    /// <summary>Time of these calls inside the step, in seconds.</summary>
    public double SecondsInPlace { get; private set; }

    /// <summary>Sizes of the tensors among the arguments.</summary>
    public string Shapes { get; } = ArgumentForm.Describe(arguments);

    /// <summary>Whether the operator leaves all its arguments as they are, by libtorch's naming rule.</summary>
    public bool WritesNothing => !name.EndsWith('_') && !overload.Contains("out", StringComparison.Ordinal);

    public bool SharesMemoryWith(ReadOnlySpan<BoxedValue> results)
    {
        foreach (ref readonly BoxedValue result in results)
        {
            if (result.Kind == BoxedValue.Tag.List && SharesMemoryWith(result.Elements)) return true;
            if (result.Storage != 0 && arguments.Any(Holds(result.Storage))) return true;
        }
        return false;
    }

    private static Func<BoxedValue, bool> Holds(nint storage) => argument => argument.Storage == storage;

    public void Restart() => (Count, SecondsInPlace) = (0, 0);

    public void Add(double seconds)
    {
        Count++;
        SecondsInPlace += seconds;
    }
}
