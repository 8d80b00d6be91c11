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
        emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
        foreach (var (key, value) in map)
        {
            emitter.Emit(Text(key));
            Emit(emitter, value);
        }

        emitter.Emit(new MappingEnd());
    }

    private static void EmitList(Emitter emitter, JsonArray list)
    {
        emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
        foreach (var item in list) Emit(emitter, item);
        emitter.Emit(new SequenceEnd());
    }

    private static Scalar Scalar(JsonNode node) => node.GetValueKind() == JsonValueKind.String
        ? Text(node.GetValue<string>())
        : new Scalar(AnchorName.Empty, TagName.Empty, node.ToJsonString(), ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false);

    // Words and numbers need quotes to stay text in every version of YAML; for the rest the emitter decides.
    private static Scalar Text(string text) => new(
        AnchorName.Empty, TagName.Empty, text, NeedsQuotes().IsMatch(text) ? ScalarStyle.SingleQuoted : ScalarStyle.Any, isPlainImplicit: true, isQuotedImplicit: true);

    [GeneratedRegex(@"\A([-+.0-9].*|~|null|true|false|yes|no|on|off|y|n|)\z", RegexOptions.IgnoreCase)]
    private static partial Regex NeedsQuotes();
}
