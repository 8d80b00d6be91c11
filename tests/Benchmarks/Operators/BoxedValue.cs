using System.Runtime.InteropServices;

namespace Benchmarks.Operators;

/// <summary>
/// libtorch's tagged union for operator arguments (<c>c10::IValue</c> of 2.10): eight bytes of payload, then the tag.
/// The address of one that holds a tensor is an <c>at::Tensor*</c>.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal unsafe struct BoxedValue
{
    public nint Payload;
    public Tag Kind;

    public enum Tag : uint
    {
        None = 0,
        Tensor = 1,
        Double = 3,
        Int = 5,
        Bool = 10,
        String = 12,
        List = 14,
        Device = 18,
    }

    /// <summary>Whether the payload is a counted reference.</summary>
    public readonly bool IsCounted => Kind is Tag.Tensor or Tag.String or Tag.List;

    /// <summary>Whether this file knows the tag at all; values of other kinds are neither described nor held.</summary>
    public readonly bool IsKnown => Enum.IsDefined(Kind);

    /// <summary>A tensor's storage (its first field), which views share; zero for anything else.</summary>
    public readonly nint Storage => Kind == Tag.Tensor ? ((nint*)Payload)[2] : 0;

    /// <summary>The elements of a list: a vector lies behind the virtual table and the count.</summary>
    public readonly ReadOnlySpan<BoxedValue> Elements
    {
        get
        {
            nint* vector = (nint*)Payload + 2;
            return new ReadOnlySpan<BoxedValue>((void*)vector[0], (int)((vector[1] - vector[0]) / sizeof(BoxedValue)));
        }
    }

    /// <summary>One more reference; the strong count is the low half of the word behind the virtual table.</summary>
    public readonly void Hold()
    {
        if (IsCounted) Interlocked.Increment(ref ((long*)Payload)[1]);
    }
}
