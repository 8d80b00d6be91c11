using System.Text.RegularExpressions;

namespace DiffusionDpo.KubeOps.Caching;

/// <summary>A label selector as URLs write it, judged here as the API server judges it: what this process writes must not enter a cache that the
/// server's selection would keep it out of.</summary>
internal sealed partial class LabelSelector
{
    private readonly List<Func<IDictionary<string, string>, bool>> _terms = [];

    public LabelSelector(string? selector)
    {
        if (string.IsNullOrWhiteSpace(selector)) return;
        foreach (Match match in Terms().Matches(selector)) _terms.Add(Parse(match.Groups["term"].Value.Trim()));
    }

    public bool Selects(IDictionary<string, string>? labels) => _terms.TrueForAll(term => term(labels ?? new Dictionary<string, string>()));

    private static Func<IDictionary<string, string>, bool> Parse(string term)
    {
        if (Set().Match(term) is { Success: true } set)
        {
            string key = set.Groups["key"].Value;
            string[] values = set.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries);
            bool wanted = !set.Groups["not"].Success;
            return labels => (labels.TryGetValue(key, out string? value) && values.Contains(value)) == wanted;
        }

        if (Equation().Match(term) is { Success: true } equation)
        {
            string key = equation.Groups["key"].Value;
            string wanted = equation.Groups["value"].Value;
            bool equal = equation.Groups["op"].Value != "!=";
            return labels => (labels.TryGetValue(key, out string? value) && value == wanted) == equal;
        }

        return term.StartsWith('!') ? labels => !labels.ContainsKey(term[1..].Trim()) : labels => labels.ContainsKey(term);
    }

    // Commas within parentheses do not end a term.
    [GeneratedRegex(@"(?<term>[^,(]+(\([^)]*\))?)(,|$)")]
    private static partial Regex Terms();

    [GeneratedRegex(@"^(?<key>\S+)\s+(?<not>not)?in\s*\((?<values>[^)]*)\)$")]
    private static partial Regex Set();

    [GeneratedRegex(@"^(?<key>[^\s!=]+)\s*(?<op>==|!=|=)\s*(?<value>\S*)$")]
    private static partial Regex Equation();
}
