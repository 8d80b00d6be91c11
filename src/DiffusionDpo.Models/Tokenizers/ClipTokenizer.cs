using System.Text.RegularExpressions;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Native;
using Microsoft.ML.Tokenizers;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tokenizers;

/// <summary>
/// CLIP's byte-level BPE over the vocabulary in the model's own tokenizer folder. The ids are those of the fast tokenizer of transformers 5
/// for every string. The older Python tokenizer with ftfy installed, which the paper's script ran, agrees on ordinary text and differs on
/// what ftfy repairs (mojibake, full-width forms, ligatures, curly quotes, HTML entities, control characters), on a final sigma and on special
/// tokens in capitals. Safe for use by several threads.
/// </summary>
public sealed class ClipTokenizer
{
    private readonly Tokenizer words;
    private readonly Regex specials;
    private readonly IReadOnlyDictionary<string, int> ids;

    private ClipTokenizer(ClipVocabulary vocabulary)
    {
        ids = vocabulary.Ids;
        Length = vocabulary.Length;
        (BeginId, EndId, PaddingId) = (ids[vocabulary.Begin], ids[vocabulary.End], ids[vocabulary.Padding]);
        words = BpeTokenizer.Create(new BpeOptions(ids)
        {
            Merges = vocabulary.Merges,
            ByteLevel = true,
            EndOfWordSuffix = ByteSymbols.EndOfWord,
            PreTokenizer = new WordSplitter(),
        });
        specials = OneOf([vocabulary.Begin, vocabulary.End, vocabulary.Unknown, vocabulary.Padding]);
    }

    /// <summary>Ids of every encoded text: 77.</summary>
    public int Length { get; }

    /// <summary>The id before a text.</summary>
    public int BeginId { get; }

    /// <summary>The id after a text.</summary>
    public int EndId { get; }

    /// <summary>The id that fills up a text; that of the end for SD1.5.</summary>
    public int PaddingId { get; }

    /// <summary>Number of tokens: 49,408 for CLIP.</summary>
    public int VocabularySize => ids.Count;

    /// <summary>The highest id of the vocabulary.</summary>
    internal int HighestId => ids.Values.Max();

    /// <summary>Reads a tokenizer folder: <c>vocab.json</c>, <c>merges.txt</c>, <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c>.</summary>
    /// <param name="directory">The <c>tokenizer</c> folder of a model.</param>
    /// <exception cref="RunException">A file is missing or malformed, or the files do not fit each other.</exception>
    public static ClipTokenizer Load(string directory) => new(ClipVocabulary.Load(directory));

    /// <summary>Encodes any text: begin, the text's ids cut to fit, end, padding; exactly <see cref="Length"/> ids.</summary>
    /// <param name="text">Any string; a surrogate without its other half counts as U+FFFD.</param>
    public long[] Encode(string text)
    {
        var encoded = new long[Length];
        Array.Fill(encoded, PaddingId);
        int count = 0;
        encoded[count++] = BeginId;
        foreach (int id in Pieces(text).Take(Length - 2)) encoded[count++] = id;
        encoded[count] = EndId;
        return encoded;
    }

    /// <summary>Encodes texts for a text encoder.</summary>
    /// <param name="texts">n texts.</param>
    /// <param name="device">Where the ids go; null: the CPU.</param>
    /// <returns>n × <see cref="Length"/>, int64.</returns>
    public Tensor Encode(IReadOnlyList<string> texts, Device? device = null) =>
        tensor(texts.SelectMany(Encode).ToArray(), [texts.Count, Length]).BroughtTo(device ?? CPU);

    // Special tokens are found in the text as it was given, in their exact spelling; what lies between them is encoded by words.
    private IEnumerable<int> Pieces(string text)
    {
        int at = 0;
        foreach (Match special in specials.Matches(text))
        {
            foreach (int id in Words(text[at..special.Index])) yield return id;
            yield return ids[special.Value];
            at = special.Index + special.Length;
        }

        foreach (int id in Words(text[at..])) yield return id;
    }

    private IReadOnlyList<int> Words(string text) => words.EncodeToIds(PromptText.Normalize(text), Length, out _, out _);

    private static Regex OneOf(IEnumerable<string> tokens) =>
        new(string.Join('|', tokens.Distinct().OrderByDescending(token => token.Length).Select(Regex.Escape)), RegexOptions.CultureInvariant);
}
