using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DiffusionDpo.Api.Documents;

/// <summary>
/// What a YAML scalar is. Words and numbers that YAML 1.1 and 1.2 read differently (yes, 017, 1_000, .inf) count as what they are in
/// either, so no reader downstream can take them for something else: as text they need quotes, as numbers they are refused.
/// </summary>
internal static partial class YamlScalar
{
    private const string StringTag = "tag:yaml.org,2002:str";

    /// <summary>The kind of a scalar by its tag, quotes and spelling.</summary>
    public static ScalarKind KindOf(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain) return ScalarKind.String;
        if (!scalar.Tag.IsEmpty) return scalar.Tag.Value == StringTag ? ScalarKind.String : throw Tagged(scalar);
        var text = scalar.Value;
        if (text is "" or "~" || Word(text, "null")) return ScalarKind.Null;
        if (Words(text, "true", "false", "yes", "no", "on", "off", "y", "n")) return ScalarKind.Boolean;
        if (DecimalInteger().IsMatch(text)) return ScalarKind.Integer;
        return DecimalFloat().IsMatch(text) || Ambiguous().IsMatch(text) ? ScalarKind.Float : ScalarKind.String;
    }

    private static YamlException Tagged(Scalar scalar) => new(scalar.Start, scalar.End, $"the tag {scalar.Tag} is not supported");

    private static bool Words(string text, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (Word(text, word)) return true;
        }

        return false;
    }

    private static bool Word(string text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\A[-+]?(0|[1-9][0-9]*)\z")]
    private static partial Regex DecimalInteger();

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex DecimalFloat();

    [GeneratedRegex(@"\A[-+]?(0[xXoObB]?[0-9a-fA-F_]+|[0-9][0-9_]*(\.[0-9_]*)?|\.(inf|Inf|INF|nan|NaN|NAN))\z")]
    private static partial Regex Ambiguous();
}
