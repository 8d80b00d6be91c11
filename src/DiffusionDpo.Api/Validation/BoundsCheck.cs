using System.Collections;
using System.Globalization;
using System.Reflection;
using DiffusionDpo.Api.Documents;
using DiffusionDpo.Api.Options;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Validation;

/// <summary>Checks the bounds that stand as attributes on the options: the same that the CRD's schema has.</summary>
internal static class BoundsCheck
{
    /// <summary>Every value out of bounds, and every required value that is missing, under <paramref name="value"/>.</summary>
    public static IEnumerable<ValidationError> Check(object value, string path)
    {
        foreach (var member in MembersOf(value))
        {
            var memberPath = path.Length > 0 ? $"{path}.{member.Name}" : member.Name;
            if (member.Property.GetValue(value) is { } given)
            {
                foreach (var error in CheckMember(member.Property, given, memberPath)) yield return error;
            }
            else if (member.Required)
            {
                yield return new ValidationError(memberPath, 0, 0, "is required — add it");
            }
        }
    }

    /// <summary>Whether a required value is missing anywhere under <paramref name="value"/>.</summary>
    public static bool Misses(object value) => MembersOf(value).Any(member => member.Property.GetValue(value) is { } given
        ? Nested(given).Any(n => Misses(n.Value))
        : member.Required);

    private static IEnumerable<ValidationError> CheckMember(PropertyInfo property, object given, string path)
    {
        var count = (given as ICollection)?.Count ?? -1;
        var own = CountError(property, count) ?? NumberError(property, given);
        if (own is not null) yield return new ValidationError(path, 0, 0, own);
        foreach (var (text, textPath) in Texts(given, path))
        {
            if (TextError(property, text) is { } error) yield return new ValidationError(textPath, 0, 0, error);
        }

        foreach (var nested in Nested(given))
        {
            foreach (var error in Check(nested.Value, path + nested.Suffix)) yield return error;
        }
    }

    private static string? CountError(PropertyInfo property, int count)
    {
        if (count < 0) return null;
        var items = property.GetCustomAttribute<ItemsAttribute>();
        var entries = property.GetCustomAttribute<PropertyLimitsAttribute>();
        var (least, most) = (items?.MinItems ?? entries?.MinProperties, items?.MaxItems ?? entries?.MaxProperties);
        if (count < least) return $"has {count} items — give at least {least}";
        return count > most ? $"has {count} items — give at most {most}" : null;
    }

    private static string? NumberError(PropertyInfo property, object given)
    {
        if (given is not (int or long or double)) return null;
        var number = Convert.ToDouble(given, CultureInfo.InvariantCulture);
        var shown = Convert.ToString(given, CultureInfo.InvariantCulture);
        var least = property.GetCustomAttribute<RangeMinimumAttribute>();
        var most = property.GetCustomAttribute<RangeMaximumAttribute>();
        if (number < least?.Minimum || (least is { ExclusiveMinimum: true } && number == least.Minimum))
            return $"{shown} is too small — {(least.ExclusiveMinimum ? "more than" : "at least")} {Shown(least.Minimum)}";
        if (number > most?.Maximum || (most is { ExclusiveMaximum: true } && number == most.Maximum))
            return $"{shown} is too large — {(most.ExclusiveMaximum ? "less than" : "at most")} {Shown(most.Maximum)}";
        return null;
    }

    private static string? TextError(PropertyInfo property, string text)
    {
        var length = property.GetCustomAttribute<LengthAttribute>();
        // Unicode code points, as the API server counts.
        var characters = text.EnumerateRunes().Count();
        if (characters == 0 && length?.MinLength > 0) return "is empty — give a value";
        if (characters < length?.MinLength) return $"has {characters} characters — give at least {length.MinLength}";
        if (characters > length?.MaxLength) return $"has {characters} characters — give at most {length.MaxLength}";
        var pattern = property.GetCustomAttribute<PatternAttribute>()?.RegexPattern;
        return pattern is null || TextPatterns.Matches(text, pattern) ? null : $"{OneLine.Quote(text)} {TextPatterns.Explain(pattern)}";
    }

    /// <summary>The texts that a property's length and pattern speak of: itself, or its items or values.</summary>
    private static IEnumerable<(string Text, string Path)> Texts(object given, string path) => given switch
    {
        string text => [(text, path)],
        IEnumerable<string> texts => texts.Select((t, i) => (t, $"{path}[{i}]")),
        IEnumerable<KeyValuePair<string, string>> map => map.Select(p => (p.Value, $"{path}.{p.Key}")),
        _ => [],
    };

    private static IEnumerable<(object Value, string Suffix)> Nested(object given) => given switch
    {
        string => [],
        IEnumerable items => items.Cast<object>().Select((item, i) => (item, $"[{i}]")).Where(n => IsOurs(n.item)),
        _ => IsOurs(given) ? [(given, "")] : [],
    };

    private static IReadOnlyList<RecordMember> MembersOf(object value) => IsOurs(value) ? RecordMember.Of(value.GetType()) : [];

    // Kubernetes' own types carry no bounds of ours.
    private static bool IsOurs(object value) => !value.GetType().IsEnum && value.GetType().Assembly == typeof(BoundsCheck).Assembly;

    private static string Shown(double bound) => bound.ToString(CultureInfo.InvariantCulture);
}
