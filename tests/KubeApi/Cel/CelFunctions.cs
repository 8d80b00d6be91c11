using System.Globalization;
using System.Text;
using KubeApi.Schemas;
using KubeApi.Errors;

namespace KubeApi.Cel;

/// <summary>The functions and operators rules may use.</summary>
internal static class CelFunctions
{
    public static object? Call(string function, object?[] arguments) => (function, arguments) switch
    {
        ("==", [var left, var right]) => CelValues.Same(left, right),
        ("!=", [var left, var right]) => !CelValues.Same(left, right),
        ("<", [var left, var right]) => Order(left, right) < 0,
        ("<=", [var left, var right]) => Order(left, right) <= 0,
        (">", [var left, var right]) => Order(left, right) > 0,
        (">=", [var left, var right]) => Order(left, right) >= 0,
        ("in", [var item, var container]) => In(item, container),
        ("!", [bool value]) => !value,
        ("-", [long value]) => checked(-value),
        ("-", [double value]) => -value,
        ("+" or "-" or "*" or "/" or "%", [var left, var right]) => Arithmetic(function, left, right),
        ("size", [string text]) => (long)text.EnumerateRunes().Count(),
        ("size", [var container]) => (long)(CelValues.List(container)?.Count ?? CelValues.Map(container)?.Count ?? throw NoOverload(function)),
        ("string", [var value]) => Show(value),
        ("int", [var value]) => ToInteger(value),
        ("double", [var value]) => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        ("type", [var value]) => CelValues.TypeName(value),
        ("dyn", [var value]) => value,
        (_, [string text, ..]) => OnText(function, text, arguments),
        (_, [var target, ..]) when CelValues.List(target) is { } list => OnList(function, list, arguments),
        _ => throw NoOverload(function),
    };

    private static object? OnText(string function, string text, object?[] arguments) => (function, arguments) switch
    {
        ("matches", [_, string pattern]) => Re2.IsMatch(text, pattern),
        ("startsWith", [_, string part]) => text.StartsWith(part, StringComparison.Ordinal),
        ("endsWith", [_, string part]) => text.EndsWith(part, StringComparison.Ordinal),
        ("contains", [_, string part]) => text.Contains(part, StringComparison.Ordinal),
        ("indexOf", [_, string part]) => (long)text.IndexOf(part, StringComparison.Ordinal),
        ("lowerAscii", [_]) => text.ToLowerInvariant(),
        ("upperAscii", [_]) => text.ToUpperInvariant(),
        ("trim", [_]) => text.Trim(),
        ("replace", [_, string old, string by]) => text.Replace(old, by, StringComparison.Ordinal),
        ("split", [_, string separator]) => text.Split(separator).Cast<object?>().ToList(),
        ("substring", [_, long start]) => text[(int)start..],
        ("substring", [_, long start, long end]) => text[(int)start..(int)end],
        ("format", [_, var values]) => Format(text, CelValues.List(values) ?? throw NoOverload(function)),
        _ => throw NoOverload(function),
    };

    private static object? OnList(string function, IReadOnlyList<object?> list, object?[] arguments) => (function, arguments) switch
    {
        ("join", [_]) => string.Concat(list.Select(Show)),
        ("join", [_, string separator]) => string.Join(separator, list.Select(Show)),
        ("min", [_]) => list.Aggregate((least, item) => Order(item, least) < 0 ? item : least),
        ("max", [_]) => list.Aggregate((most, item) => Order(item, most) > 0 ? item : most),
        ("sum", [_]) => list.Aggregate((object?)0L, (sum, item) => Arithmetic("+", sum is 0L && item is double ? 0.0 : sum, item)),
        ("isSorted", [_]) => list.Zip(list.Skip(1), Order).All(order => order <= 0),
        ("indexOf", [_, var wanted]) => (long)list.ToList().FindIndex(item => CelValues.Same(item, wanted)),
        _ => throw NoOverload(function),
    };

    private static int Order(object? left, object? right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (long or double, long or double) => Convert.ToDouble(left, null).CompareTo(Convert.ToDouble(right, null)),
        (string a, string b) => string.CompareOrdinal(a, b),
        (bool a, bool b) => a.CompareTo(b),
        _ => throw NoOverload("comparison"),
    };

    private static bool In(object? item, object? container) => CelValues.List(container) is { } list
        ? list.Any(other => CelValues.Same(other, item))
        : CelValues.Map(container)?.Keys.Any(key => CelValues.Same(key, item)) ?? throw NoOverload("in");

    private static object Arithmetic(string sign, object? left, object? right) => (sign, left, right) switch
    {
        ("+", string a, string b) => a + b,
        ("+", _, _) when CelValues.List(left) is { } a && CelValues.List(right) is { } b => a.Concat(b).ToList(),
        ("/" or "%", long, 0L) => throw new CelException(sign == "/" ? "division by zero" : "modulus by zero"),
        ("+", long a, long b) => checked(a + b),
        ("-", long a, long b) => checked(a - b),
        ("*", long a, long b) => checked(a * b),
        ("/", long a, long b) => a / b,
        ("%", long a, long b) => a % b,
        ("+", double a, double b) => a + b,
        ("-", double a, double b) => a - b,
        ("*", double a, double b) => a * b,
        ("/", double a, double b) => a / b,
        _ => throw NoOverload(sign),
    };

    private static object ToInteger(object? value) => value switch
    {
        long integer => integer,
        double real => (long)real,
        string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) => integer,
        _ => throw new CelException("type conversion error"),
    };

    private static string Format(string format, IReadOnlyList<object?> values)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
                text.Append(format[at]);
            else if (format[++at] == '%')
                text.Append('%');
            else
                text.Append(next < values.Count ? Show(values[next++]) : throw new CelException("index out of range"));
        }

        return text.ToString();
    }

    private static string Show(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => text,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        System.Text.Json.Nodes.JsonNode node => FieldError.Show(node),
        _ when CelValues.List(value) is { } list => $"[{string.Join(", ", list.Select(Show))}]",
        _ => value.ToString() ?? "",
    };

    private static CelException NoOverload(string function) => new($"no such overload: {function}");
}
