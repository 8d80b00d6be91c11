using System.Text;
using CsCheck;

namespace DiffusionDpo.Operator.Tests.Fuzzing;

/// <summary>JSON as nobody should write it: fields that are left out, twice there or of any kind, and bytes cut off, changed or added.</summary>
internal static class HostileJson
{
    /// <summary>Values that break readers: no numbers, numbers without room, dates from elsewhere, texts that are none, depth, size.</summary>
    public static IReadOnlyList<string> Values { get; } =
    [
        "null", "true", "[]", "{}", "0", "-1", "-0", "1.5", "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e-999", "2147483647", "2147483648", "9223372036854775808",
        "\"\"", "\"7\"", "\"NaN\"", "\"Infinity\"", "\"1e999\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u0000\\u001b[31m\\r\\n\"", "\"\u202eevil\u2028\"", "\"\ud83d\ude00\"", "\"é漢字\"",
        "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"", "\"9999-12-31T23:59:59.9999999-14:00\"", "\"2026-13-45\"", "\"Succeeded\"", "\"NoSuchClass\"", "78",
        "[1,2", "{\"a\":", "\"open", "01", ".5", "'single'", "/* */ 1", "undefined",
        new string('[', 2000) + new string(']', 2000), string.Concat(Enumerable.Repeat("{\"a\":", 70)) + "1" + new string('}', 70),
        $"\"{new string('x', 5000)}\"", $"\"{new string('y', 70_000)}\"",
    ];

    /// <summary>One of some values.</summary>
    public static Gen<T> Pick<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>An object of fields, most of them good.</summary>
    public static Gen<string> Object(params (string Key, Gen<string> Good)[] fields) =>
        Gen.Select(fields.Select(Field).Aggregate(Gen.Const(""), (all, one) => Gen.Select(all, one, (a, b) => a + b)), Gen.Frequency((30, Gen.Const("")), (1, Pick("\"extra\":{\"a\":[1]},", "\"\":0,"))),
            (known, extra) => $"{{{(known + extra).TrimEnd(',')}}}");

    /// <summary>A text as bytes, whole or damaged.</summary>
    public static Gen<byte[]> Bytes(Gen<string> text) => Gen.Frequency(
        (8, text.Select(Encoding.UTF8.GetBytes)),
        (2, Gen.Select(text, Gen.Double[0, 1], (t, part) => Cut(Encoding.UTF8.GetBytes(t), part))),
        (2, Gen.Select(text, Gen.Double[0, 1], Gen.Byte, (t, at, value) => Changed(Encoding.UTF8.GetBytes(t), at, value))),
        (1, text.Select(t => (byte[])[0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(t)])),
        (1, text.Select(t => Encoding.UTF8.GetBytes(t + t))),
        (1, text.Select(Encoding.Unicode.GetBytes)),
        (1, text.Select(t => Encoding.UTF8.GetBytes(t + new string(' ', 100_000)))),
        (1, Gen.Byte.Array[0, 200]));

    private static Gen<string> Field((string Key, Gen<string> Good) field)
    {
        var good = field.Good.Select(value => $"\"{field.Key}\":{value},");
        var odd = Pick([.. Values]).Select(value => $"\"{field.Key}\":{value},");
        return Gen.Frequency((60, good), (1, odd), (1, Gen.Const("")), (1, Gen.Select(good, odd, (a, b) => a + b)), (1, Gen.Select(odd, good, (a, b) => a + b)));
    }

    private static byte[] Cut(byte[] whole, double part) => whole[..(int)(whole.Length * part)];

    private static byte[] Changed(byte[] whole, double at, byte value)
    {
        if (whole.Length > 0) whole[(int)(at * (whole.Length - 1))] = value;
        return whole;
    }
}
