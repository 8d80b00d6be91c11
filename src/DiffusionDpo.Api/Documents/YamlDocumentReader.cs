using DiffusionDpo.Api.Validation;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DiffusionDpo.Api.Documents;

/// <summary>
/// Reads the one document of a YAML text into <see cref="DocumentNode"/>s. Whatever the text holds, it ends quickly with a document or
/// with errors: depth and number of values are limited, and values that aliases repeat count each time.
/// </summary>
internal sealed class YamlDocumentReader
{
    private const int MostValues = 20_000;
    private const int MostLevels = 64;

    private readonly Parser parser;
    private readonly List<ValidationError> errors = [];
    private readonly Dictionary<AnchorName, (DocumentNode Node, int Values)> anchors = [];
    private int values;

    private YamlDocumentReader(string text) => parser = new Parser(new StringReader(text));

    /// <summary>The document, or null and the reasons.</summary>
    public static (DocumentNode? Root, IReadOnlyList<ValidationError> Errors) Read(string text)
    {
        var reader = new YamlDocumentReader(text);
        try
        {
            var root = reader.ReadStream();
            return (reader.errors.Count == 0 ? root : null, reader.errors);
        }
        catch (YamlException e) when (e.Message.Contains("invalid tab", StringComparison.Ordinal) && TabIn(text) is { } tab)
        {
            // The parser says where the mapping begins.
            reader.Add(tab, "is a tab in the indentation — indent with spaces");
        }
        catch (YamlException e)
        {
            reader.Add(Place(e.Start), $"is not YAML here — {OneLine.Message(e.Message)}");
        }
        catch (InvalidOperationException)
        {
            // How the parser ends on some flow mappings that are not closed.
            var at = Place(reader.parser.Current?.Start ?? Mark.Empty);
            reader.Add(at, "is not YAML here — look for a bracket or a quote that is not closed");
        }
        catch (DocumentTooLargeException e)
        {
            reader.Add(e.At, $"has too much in it — at most {MostValues} values (aliases count each time) and {MostLevels} levels");
        }

        return (null, reader.errors);
    }

    private DocumentNode? ReadStream()
    {
        DocumentNode? root = null;
        parser.Consume<StreamStart>();
        while (!parser.Accept<StreamEnd>(out _))
        {
            parser.Consume<DocumentStart>();
            anchors.Clear();
            var node = ReadNode(0);
            parser.Consume<DocumentEnd>();
            if (node is ScalarNode { Kind: ScalarKind.Null }) continue;
            if (root is not null) Add(node.At, "is a second document — write one fine-tune per file");
            root ??= node;
        }

        if (root is null) Add(new Position(1, 1), "is empty — write a fine-tune");
        return root;
    }

    private DocumentNode ReadNode(int level)
    {
        var start = parser.Current!.Start;
        if (++values > MostValues || level > MostLevels) throw new DocumentTooLargeException(Place(start));
        if (parser.TryConsume<AnchorAlias>(out var alias)) return Repeat(alias);
        var anchor = (parser.Current as NodeEvent)?.Anchor ?? AnchorName.Empty;
        var before = values;
        var node = ReadContent(level);
        if (!anchor.IsEmpty) anchors[anchor] = (node, values - before + 1);
        return node;
    }

    private DocumentNode ReadContent(int level)
    {
        if (parser.TryConsume<SequenceStart>(out var sequence)) return ReadList(sequence, level);
        if (parser.TryConsume<MappingStart>(out var mapping)) return ReadMap(mapping, level);
        var scalar = parser.Consume<Scalar>();
        return new ScalarNode(Place(scalar.Start), YamlScalar.KindOf(scalar), scalar.Value);
    }

    private ListNode ReadList(SequenceStart start, int level)
    {
        var items = new List<DocumentNode>();
        while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(ReadNode(level + 1));
        return new ListNode(Place(start.Start), items);
    }

    private MapNode ReadMap(MappingStart start, int level)
    {
        var entries = new List<MapEntry>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode(level + 1);
            var value = ReadNode(level + 1);
            if (key is ScalarNode scalar) entries.Add(new MapEntry(key.At, scalar.Text, value));
            else Add(key.At, "is a key that is a list or a map — write a single word");
        }

        return new MapNode(Place(start.Start), entries);
    }

    private DocumentNode Repeat(AnchorAlias alias)
    {
        if (!anchors.TryGetValue(alias.Value, out var anchored))
            throw new YamlException(alias.Start, alias.End, $"there is no anchor {alias.Value} before this alias");
        values += anchored.Values;
        return values > MostValues ? throw new DocumentTooLargeException(Place(alias.Start)) : anchored.Node;
    }

    /// <summary>The first tab before a line's text; null where there is none.</summary>
    private static Position? TabIn(string text)
    {
        foreach (var (number, line) in text.Split('\n').Index())
        {
            var tab = line.AsSpan(0, line.Length - line.AsSpan().TrimStart().Length).IndexOf('\t');
            if (tab >= 0) return new Position(number + 1, tab + 1);
        }

        return null;
    }

    private void Add(Position at, string message) => errors.Add(new ValidationError("", at.Line, at.Column, message));

    private static Position Place(Mark mark) => new((int)mark.Line, (int)mark.Column);

    private sealed class DocumentTooLargeException(Position at) : Exception
    {
        public Position At { get; } = at;
    }
}
