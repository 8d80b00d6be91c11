using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DiffusionDpo.KubeOps.Crds;

/// <summary>Writes JSON values as block YAML.</summary>
internal static partial class YamlText
{
    /// <summary>The document with a final line break.</summary>
    public static string Of(JsonNode node)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        // Never folded: a long description is one line, so that a change of one word is a difference of one line.
        var emitter = new Emitter(text, EmitterSettings.Default.WithBestWidth(int.MaxValue).WithIndentedSequences());
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart());
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        if (node is JsonObject map) EmitMap(emitter, map);
        else if (node is JsonArray list) EmitList(emitter, list);
        else emitter.Emit(Scalar(node!));
    }

    private static void EmitMap(Emitter emitter, JsonObject map)
    {
        var style = map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block;
        emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, style));
        foreach (var (key, value) in map)
        {
            emitter.Emit(Text(key));
            Emit(emitter, value);
        }

        emitter.Emit(new MappingEnd());
    }

    private static void EmitList(Emitter emitter, JsonArray list)
    {
        var style = list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block;
        emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, style));
        foreach (var item in list) Emit(emitter, item);
        emitter.Emit(new SequenceEnd());
    }

    private static Scalar Scalar(JsonNode node) => node.GetValueKind() == JsonValueKind.String
        ? Text(node.GetValue<string>())
        : Scalar(node.ToJsonString(), ScalarStyle.Plain);

    // Words and numbers need quotes to stay text in every version of YAML; for the rest the emitter decides.
    private static Scalar Text(string text) => Scalar(text, NeedsQuotes().IsMatch(text) ? ScalarStyle.SingleQuoted : ScalarStyle.Any);

    private static Scalar Scalar(string text, ScalarStyle style) =>
        new(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true);

    [GeneratedRegex(@"\A([-+.0-9].*|~|null|true|false|yes|no|on|off|y|n|)\z", RegexOptions.IgnoreCase)]
    private static partial Regex NeedsQuotes();
}
