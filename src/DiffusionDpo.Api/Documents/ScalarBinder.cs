using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using DiffusionDpo.Api.Options;
using k8s.Models;

namespace DiffusionDpo.Api.Documents;

/// <summary>Turns scalars into values of .NET types, as strictly as the API server does.</summary>
internal static class ScalarBinder
{
    /// <summary>The value, or null and the reason.</summary>
    public static (object? Value, string? Error) Bind(Type type, ScalarNode scalar)
    {
        if (type == typeof(string)) return Text(scalar);
        if (type == typeof(bool)) return Truth(scalar);
        if (IsOctal(scalar)) return (null, $"{Shown(scalar)} is octal to some programs and decimal to others — write it without leading zeros");
        if (type == typeof(int)) return Whole(scalar, int.MinValue, int.MaxValue, n => (int)n);
        if (type == typeof(long)) return Whole(scalar, long.MinValue, long.MaxValue, n => n);
        if (type == typeof(double)) return Number(scalar);
        if (type == typeof(DateTime)) return Time(scalar, time => time.UtcDateTime);
        if (type == typeof(DateTimeOffset)) return Time(scalar, time => time);
        if (type == typeof(ResourceQuantity)) return Quantity(scalar);
        return type.IsEnum ? Member(type, scalar) : Wrong("a map or a list", scalar);
    }

    private static IReadOnlyList<string> MembersOf(Type type) => [.. Fields(type).Select(f => f.Text)];

    private static IEnumerable<(string Text, object Value)> Fields(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => (f.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? f.Name, f.GetValue(null)!));

    private static (object? Value, string? Error) Text(ScalarNode scalar) => scalar.Kind switch
    {
        ScalarKind.String => (scalar.Text, null),
        _ => (null, $"must be a text, but {Shown(scalar)} is {Article(scalar.Kind)} — put it in quotes"),
    };

    private static (object? Value, string? Error) Truth(ScalarNode scalar) =>
        scalar.Kind == ScalarKind.Boolean && bool.TryParse(scalar.Text, out var truth) ? (truth, null) : Wrong("true or false", scalar);

    private static (object? Value, string? Error) Whole(ScalarNode scalar, long least, long most, Func<long, object> convert)
    {
        // The API server takes 2.0 for a whole number as well.
        if (scalar.Kind is not (ScalarKind.Integer or ScalarKind.Float)) return Wrong("a whole number", scalar);
        if (WholeNumber(scalar) is not { } number) return Wrong("a whole number", scalar);
        return number >= least && number <= most
            ? (convert((long)number), null)
            : (null, $"{Shown(scalar)} is out of range — at least {least}, at most {most}");
    }

    private static bool IsOctal(ScalarNode scalar) => scalar.Kind == ScalarKind.Float
        && scalar.Text.TrimStart('-', '+') is ['0', _, ..] digits && digits.All(char.IsAsciiDigit);

    private static decimal? WholeNumber(ScalarNode scalar) =>
        decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && decimal.Truncate(number) == number ? number : null;

    private static (object? Value, string? Error) Number(ScalarNode scalar)
    {
        if (scalar.Kind is not (ScalarKind.Integer or ScalarKind.Float)) return Wrong("a number", scalar);
        return double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? (number, null) : Wrong("a finite number", scalar);
    }

    private static (object? Value, string? Error) Time(ScalarNode scalar, Func<DateTimeOffset, object> convert) =>
        DateTimeOffset.TryParse(scalar.Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? (convert(time), null) : Wrong("a time such as 2026-01-31T12:00:00Z", scalar);

    private static (object? Value, string? Error) Quantity(ScalarNode scalar)
    {
        // The definition takes whole numbers and texts; a fraction would be refused by the API server.
        if (scalar.Kind == ScalarKind.Float && WholeNumber(scalar) is null) return (null, $"must be a text, but {Shown(scalar)} is a number — put it in quotes");
        // The client's parser takes more than the API server does, such as "64 Gi".
        if (scalar.Kind == ScalarKind.Boolean || !TextPatterns.Matches(scalar.Text, TextPatterns.Quantity)) return Wrong("a quantity such as 500m or 16Gi", scalar);
        try
        {
            return (new ResourceQuantity(scalar.Text), null);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            return Wrong("a quantity such as 500m or 16Gi", scalar);
        }
    }

    private static (object? Value, string? Error) Member(Type type, ScalarNode scalar)
    {
        var match = Fields(type).FirstOrDefault(f => scalar.Kind == ScalarKind.String && f.Text == scalar.Text);
        return match.Value is not null
            ? (match.Value, null)
            : (null, $"{Shown(scalar)} is not known — use one of {string.Join(", ", MembersOf(type))}{Hint(type, scalar)}");
    }

    private static string Hint(Type type, ScalarNode scalar) =>
        NearestName.Of(scalar.Text, MembersOf(type)) is { } nearest ? $"; did you mean {nearest}?" : "";

    private static (object? Value, string? Error) Wrong(string expected, ScalarNode scalar) =>
        (null, $"must be {expected}, but {Shown(scalar)} is {Article(scalar.Kind)} — correct the value");

    private static string Article(ScalarKind kind) => kind switch
    {
        ScalarKind.Null => "empty",
        ScalarKind.Boolean => "a truth value",
        ScalarKind.Integer => "a whole number",
        ScalarKind.Float => "a number",
        _ => "a text",
    };

    /// <summary>The value as a message shows it: short and on one line.</summary>
    private static string Shown(ScalarNode scalar) => OneLine.Quote(scalar.Text);
}
