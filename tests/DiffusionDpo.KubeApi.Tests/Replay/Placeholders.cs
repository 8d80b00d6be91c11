using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DiffusionDpo.KubeApi.Tests.Replay;

/// <summary>The variable parts of a recording, ${type:name}: bound by the first answer, the same from then on.</summary>
internal sealed partial class Placeholders
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["rv"] = "[1-9][0-9]*",
        ["lrv"] = "[0-9]+",
        ["uid"] = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        ["time"] = @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
        ["microtime"] = @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
        ["rand5"] = "[bcdfghjklmnpqrstvwxz2456789]{5}",
        ["ip"] = @"\d+\.\d+\.\d+\.\d+",
        ["continue"] = "[A-Za-z0-9_=-]+",
        ["jwt"] = @"[\w-]+\.[\w-]+\.[\w-]+",
        ["age"] = @"\d+(?:s|m|h|d)(?:\d+s)?",
        ["int"] = @"-?\d+",
        ["string"] = @"[\s\S]*",
        ["port"] = @"\d+",
        ["hash"] = "[A-Za-z0-9+/=]+",
    };

    private static readonly HashSet<string> Distinct = ["rv", "uid", "rand5"];
    private Dictionary<(string Type, string Name), string> _values = [];

    public long HighestVersion => _values.Where(value => value.Key.Type == "rv").Select(value => long.Parse(value.Value, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max();

    public Placeholders Copy() => new() { _values = new(_values) };

    public void TakeOver(Placeholders other) => _values = new(other._values);

    public bool IsBound(string placeholder) => Pattern().Match(placeholder) is { Success: true } match && _values.ContainsKey((match.Groups[1].Value, match.Groups[2].Value));

    public static bool IsWhole(string text) => Pattern().Match(text) is { Success: true } match && match.Length == text.Length;

    /// <summary>Puts the bound values into a request.</summary>
    public string Fill(string text) => Pattern().Replace(text, match =>
        _values.TryGetValue((match.Groups[1].Value, match.Groups[2].Value), out var value) ? value : throw new Mismatch($"placeholder {match.Value} has no value yet"));

    public JsonNode? Fill(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(field => KeyValuePair.Create(field.Key, Fill(field.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Fill)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Fill(value.GetValue<string>()),
        _ => node?.DeepClone(),
    };

    /// <summary>Puts the bound values in where there are any; used for keys.</summary>
    public string Show(string text) => Pattern().Replace(text, match =>
        _values.GetValueOrDefault((match.Groups[1].Value, match.Groups[2].Value), match.Value));

    public void Match(string expected, JsonNode? actual, string path)
    {
        if (actual is not JsonValue value || value.GetValueKind() != JsonValueKind.String)
        {
            if (expected.StartsWith("${int", StringComparison.Ordinal) && actual?.GetValueKind() == JsonValueKind.Number)
                return;
            throw new Mismatch($"{path}: expected '{expected}', got {actual?.ToJsonString() ?? "null"}");
        }

        MatchText(expected, value.GetValue<string>(), path);
    }

    public void MatchText(string expected, string actual, string path)
    {
        if (expected == actual)
            return;
        var pattern = new StringBuilder(@"\A");
        var names = new List<(string Type, string Name)>();
        var position = 0;
        foreach (var match in Pattern().Matches(expected).Cast<Match>())
        {
            pattern.Append(Regex.Escape(expected[position..match.Index]));
            position = match.Index + match.Length;
            var key = (match.Groups[1].Value, match.Groups[2].Value);
            if (key.Item2.Length > 0 && _values.TryGetValue(key, out var bound))
                pattern.Append(Regex.Escape(bound));
            else
            {
                pattern.Append('(').Append(Types[key.Item1]).Append(')');
                names.Add(key);
            }
        }

        pattern.Append(Regex.Escape(expected[position..])).Append(@"\z");
        var result = Regex.Match(actual, pattern.ToString(), RegexOptions.ECMAScript);
        if (!result.Success)
            throw new Mismatch($"{path}: expected '{Show(expected)}', got '{actual}'");
        for (var index = 0; index < names.Count; index++)
            Bind(names[index], result.Groups[index + 1].Value, path);
    }

    private void Bind((string Type, string Name) key, string value, string path)
    {
        if (key.Name.Length == 0)
            return;
        if (_values.TryGetValue(key, out var known))
        {
            if (known != value)
                throw new Mismatch($"{path}: {key} was '{known}', got '{value}'");
            return;
        }

        if (Distinct.Contains(key.Type))
        {
            var same = _values.FirstOrDefault(other => other.Key.Type == key.Type && other.Value == value).Key.Name;
            if (same is not null)
                throw new Mismatch($"{path}: ${{{key.Type}:{key.Name}}} must differ from ${{{key.Type}:{same}}} ({value})");
        }

        _values[key] = value;
    }

    [GeneratedRegex(@"\$\{([a-z0-9]+)(?::([A-Za-z0-9_.-]+))?\}")]
    private static partial Regex Pattern();
}
