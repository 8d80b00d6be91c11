using System.Buffers.Binary;
using System.Text;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Pickles;

/// <summary>
/// Reads the pickle (protocol 2) that PyTorch writes of plain tensors: strings, numbers, lists, tuples, dicts, and tensors in storages beside it.
/// The machine below knows the instructions that this needs and no other; calling is not one of them, but for the two names of
/// <see cref="PickleGlobals"/>, whose effects are written out here.
/// </summary>
internal sealed class PickleReader
{
    private static readonly object Mark = new();
    private static readonly UTF8Encoding Text = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] bytes;
    private readonly List<object?> stack = [];
    private readonly Dictionary<uint, object?> memo = [];
    private int at;

    private PickleReader(byte[] bytes) => this.bytes = bytes;

    /// <summary>Reads a pickle.</summary>
    /// <param name="bytes">All of it.</param>
    /// <returns>null, bool, long, double, string, list, array (a tuple), <see cref="PickledMap"/> or <see cref="PickledTensor"/>.</returns>
    /// <exception cref="PickleRefusal">It is broken, or holds anything else.</exception>
    public static object? Read(byte[] bytes)
    {
        PickleReader reader = new(bytes);
        while (reader.Step()) { }
        return reader.stack is [var value] && value != Mark ? value : throw new PickleRefusal("it ends in the middle of something");
    }

    private bool Step()
    {
        int start = at;
        switch ((char)Byte())
        {
            case '\x80': RefuseUnless(Byte() == 2, "it is not of protocol 2, which PyTorch writes"); break;
            case '(': stack.Add(Mark); break;
            case 'N': stack.Add(null); break;
            case '\x88': stack.Add(true); break;
            case '\x89': stack.Add(false); break;
            case 'J': stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case 'K': stack.Add((long)Byte()); break;
            case 'M': stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case '\x8a': stack.Add(Long()); break;
            case 'G': stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case 'X': stack.Add(String(BinaryPrimitives.ReadInt32LittleEndian(Take(4)))); break;
            case '}': stack.Add(new PickledMap(IsOrdered: false)); break;
            case ']': stack.Add(new List<object?>()); break;
            case ')': stack.Add(Array.Empty<object?>()); break;
            case 't': stack.Add(PopToMark()); break;
            case '\x85': stack.Add(Pop(1)); break;
            case '\x86': stack.Add(Pop(2)); break;
            case '\x87': stack.Add(Pop(3)); break;
            case 'q': memo[Byte()] = Top; break;
            case 'r': memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Top; break;
            case 'h': stack.Add(Recall(Byte())); break;
            case 'j': stack.Add(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case 's': SetItems(Pop(2)); break;
            case 'u': SetItems(PopToMark()); break;
            case 'a': Append(Pop(1)); break;
            case 'e': Append(PopToMark()); break;
            case 'c': stack.Add(PickleGlobals.Find(Line(), Line())); break;
            case 'Q': stack.Add(Storage(Pop(1)[0])); break;
            case 'R': Reduce(Pop(2)); break;
            case 'b': Build(Pop(1)[0]); break;
            case '.': return false;
            default: throw new PickleRefusal($"its instruction 0x{bytes[start]:x2} at byte {start} is none that plain tensors need");
        }

        return true;
    }

    private object? Top => stack.Count > 0 && stack[^1] != Mark ? stack[^1] : throw Broken();

    private object?[] Pop(int count)
    {
        if (stack.Count < count) throw Broken();
        object?[] popped = [.. stack[^count..]];
        if (popped.Contains(Mark)) throw Broken();
        stack.RemoveRange(stack.Count - count, count);
        return popped;
    }

    private object?[] PopToMark()
    {
        int mark = stack.LastIndexOf(Mark);
        if (mark < 0) throw Broken();
        object?[] popped = [.. stack[(mark + 1)..]];
        stack.RemoveRange(mark, stack.Count - mark);
        return popped;
    }

    private object? Recall(uint number) => memo.TryGetValue(number, out object? value) ? value : throw Broken();

    private void SetItems(object?[] items)
    {
        if (Top is not PickledMap map || items.Length % 2 != 0) throw Broken();
        for (int i = 0; i < items.Length; i += 2) map.Entries.Add((items[i], items[i + 1]));
    }

    private void Append(object?[] items) => (Top as List<object?> ?? throw Broken()).AddRange(items);

    private void Reduce(object?[] call)
    {
        if (call[1] is not object?[] arguments) throw Broken();
        if (call[0] == PickleGlobals.OrderedDict && arguments is []) stack.Add(new PickledMap(IsOrdered: true));
        else if (call[0] == PickleGlobals.RebuildTensor) stack.Add(Tensor(arguments));
        else throw new PickleRefusal("it calls something that plain tensors do not need");
    }

    // What nn.Module's state_dict() hangs on its dictionary: versions of its layers, of no interest here.
    private void Build(object? state)
    {
        bool isMetadata = Top is PickledMap { IsOrdered: true } && state is PickledMap { Entries: [("_metadata", PickledMap)] };
        RefuseUnless(isMetadata, "it sets attributes that plain tensors do not have");
    }

    private static PickledTensor Tensor(object?[] arguments) => arguments switch
    {
        [PickledStorage storage, long offset, object?[] shape, object?[] strides, bool, PickledMap { IsOrdered: true, Entries: [] }] =>
            new PickledTensor(storage, offset, Numbers(shape), Numbers(strides)).Checked(),
        _ => throw new PickleRefusal("it has a tensor of a form that plain tensors do not have"),
    };

    private static PickledStorage Storage(object? id) => id switch
    {
        object?[] and ["storage", ScalarType type, string key, string, long and >= 0 and var elements] when IsNumber(key) => new(key, type, elements),
        _ => throw new PickleRefusal("it refers to something else than a storage of tensors"),
    };

    private static bool IsNumber(string key) => key.Length is > 0 and < 10 && key.All(char.IsAsciiDigit);

    private static long[] Numbers(object?[] items) => [.. items.Select(item => item is long number ? number : throw Broken())];

    private long Long()
    {
        int count = Byte();
        RefuseUnless(count <= 8, "it has a number of more than 64 bits");
        long value = 0;
        ReadOnlySpan<byte> digits = Take(count);
        for (int i = 0; i < count; i++) value |= (long)digits[i] << (8 * i);
        return count is > 0 and < 8 ? value << (64 - (8 * count)) >> (64 - (8 * count)) : value; // the last byte has the sign
    }

    private string Line()
    {
        int end = Array.IndexOf(bytes, (byte)'\n', at);
        if (end < 0) throw Broken();
        string line = String(end - at);
        at++;
        return line;
    }

    private string String(int length)
    {
        try
        {
            return Text.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw Broken();
        }
    }

    private byte Byte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > bytes.Length - at) throw Broken();
        at += count;
        return bytes.AsSpan(at - count, count);
    }

    private static void RefuseUnless(bool holds, string reason)
    {
        if (!holds) throw new PickleRefusal(reason);
    }

    private static PickleRefusal Broken() => new("it is broken");
}
