using System.Text.RegularExpressions;
using KubeApi.Errors;

namespace KubeApi.Selectors;

/// <summary>A label selector in its text form: =, ==, !=, in, notin, exists, !exists, gt, lt.</summary>
public sealed partial class LabelSelector
{
    private const string ValueText = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    private readonly List<Func<IReadOnlyDictionary<string, string>, bool>> _requirements = [];

    private LabelSelector()
    {
    }

    public static LabelSelector Parse(string text)
    {
        var selector = new LabelSelector();
        foreach (var part in SplitOutsideParentheses(text))
            selector._requirements.Add(Requirement(part.Trim()));
        return selector;
    }

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement(labels))
                return false;
        }

        return true;
    }

    private static Func<IReadOnlyDictionary<string, string>, bool> Requirement(string text)
    {
        if (Set().Match(text) is { Success: true } set)
        {
            var values = set.Groups[3].Value.Split(',').Select(value => Checked(set.Groups[1].Value, value.Trim())).ToHashSet(StringComparer.Ordinal);
            var key = set.Groups[1].Value;
            return set.Groups[2].Value == "in"
                ? labels => labels.TryGetValue(key, out var value) && values.Contains(value)
                : labels => !labels.TryGetValue(key, out var value) || !values.Contains(value);
        }

        if (Equality().Match(text) is { Success: true } equality)
        {
            var key = equality.Groups[1].Value;
            var wanted = Checked(key, equality.Groups[3].Value);
            return equality.Groups[2].Value == "!="
                ? labels => !labels.TryGetValue(key, out var value) || value != wanted
                : labels => labels.TryGetValue(key, out var value) && value == wanted;
        }

        if (Existence().Match(text) is { Success: true } existence)
        {
            var key = existence.Groups[2].Value;
            return existence.Groups[1].Length > 0 ? labels => !labels.ContainsKey(key) : labels => labels.ContainsKey(key);
        }

        throw Refusals.BadRequest($"unable to parse requirement: found '{text}', expected: in, notin, =, ==, !=, gt, lt");
    }

    private static string Checked(string key, string value)
    {
        if (!Value().IsMatch(value))
            throw Refusals.BadRequest($"unable to parse requirement: values[0][{key}]: Invalid value: {FieldError.Quote(value)}: {ValueText}");
        return value;
    }

    private static IEnumerable<string> SplitOutsideParentheses(string text)
    {
        if (text.Trim().Length == 0)
            yield break;
        int depth = 0, start = 0;
        for (var index = 0; index < text.Length; index++)
        {
            depth += text[index] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[index] != ',' || depth > 0)
                continue;
            yield return text[start..index];
            start = index + 1;
        }

        yield return text[start..];
    }

    [GeneratedRegex(@"^([\w./-]+)\s+(in|notin)\s*\(([^()]*)\)$")]
    private static partial Regex Set();

    [GeneratedRegex(@"^([\w./-]+)\s*(==|=|!=)\s*([^\s=!]*)$")]
    private static partial Regex Equality();

    [GeneratedRegex(@"^(!?)\s*([\w./-]+)$")]
    private static partial Regex Existence();

    [GeneratedRegex(@"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")]
    private static partial Regex Value();
}
