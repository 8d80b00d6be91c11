namespace Benchmarks.Operators;

/// <summary>What of an operator's arguments decides its cost: sizes, strides and types of tensors, and all numbers.</summary>
internal static unsafe class ArgumentForm
{
    private const ulong Start = 14695981039346656037;

    /// <summary>A hash of operator and argument forms: calls with equal hashes are the same work.</summary>
    public static ulong Hash(nint name, nint overload, ReadOnlySpan<BoxedValue> arguments)
    {
        ulong hash = Start;
        Mix(ref hash, (ulong)name);
        Mix(ref hash, (ulong)overload);
        Mix(ref hash, arguments);
        return hash;
    }

    public static string Describe(ReadOnlySpan<BoxedValue> arguments)
    {
        var parts = new List<string>();
        foreach (ref readonly BoxedValue argument in arguments)
        {
            if (argument.Kind == BoxedValue.Tag.Tensor) parts.Add(Describe(argument));
            else if (argument.Kind == BoxedValue.Tag.List && argument.Elements is [{ Kind: BoxedValue.Tag.Tensor }, ..] elements)
                parts.Add($"{elements.Length}×{Describe(elements[0])}");
        }
        return string.Join(' ', parts);
    }

    private static string Describe(BoxedValue tensor) =>
        IsDefined(&tensor) ? $"[{string.Join(',', Sizes(&tensor).ToArray())}]" : "–";

    private static bool IsDefined(BoxedValue* tensor)
    {
        _ = LibTorch.aoti_torch_is_defined(tensor, out byte defined);
        return defined != 0;
    }

    private static ReadOnlySpan<long> Sizes(BoxedValue* tensor)
    {
        _ = LibTorch.aoti_torch_get_dim(tensor, out long rank);
        _ = LibTorch.aoti_torch_get_sizes(tensor, out long* sizes);
        return new(sizes, (int)rank);
    }

    private static void Mix(ref ulong hash, ReadOnlySpan<BoxedValue> values)
    {
        Mix(ref hash, (ulong)values.Length);
        foreach (ref readonly BoxedValue value in values)
        {
            Mix(ref hash, (ulong)value.Kind);
            if (value.Kind == BoxedValue.Tag.List) Mix(ref hash, value.Elements);
            else if (value.Kind == BoxedValue.Tag.Tensor) MixTensor(ref hash, value);
            else if (!value.IsCounted) Mix(ref hash, (ulong)value.Payload);
        }
    }

    private static void MixTensor(ref ulong hash, BoxedValue tensor)
    {
        if (!IsDefined(&tensor)) return;
        _ = LibTorch.aoti_torch_get_dtype(&tensor, out int type);
        _ = LibTorch.aoti_torch_get_strides(&tensor, out long* strides);
        ReadOnlySpan<long> sizes = Sizes(&tensor);
        Mix(ref hash, (ulong)type);
        for (int i = 0; i < sizes.Length; i++)
        {
            Mix(ref hash, (ulong)sizes[i]);
            Mix(ref hash, (ulong)strides[i]);
        }
    }

    private static void Mix(ref ulong hash, ulong word)
    {
        hash = (hash ^ word) * 1099511628211;
        hash ^= hash >> 29;
    }
}
