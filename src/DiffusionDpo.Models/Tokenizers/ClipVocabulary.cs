using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Configuration;

namespace DiffusionDpo.Models.Tokenizers;

/// <summary>
/// A model's tokenizer folder: <c>vocab.json</c>, <c>merges.txt</c>, <c>tokenizer_config.json</c> and, where there is one,
/// <c>special_tokens_map.json</c>, whose tokens go first. Read and checked as a whole.
/// </summary>
internal sealed class ClipVocabulary
{
    private const int LongestText = 1_000_000;
    private const string Supported = """{"tokenizer_class": ["CLIPTokenizer", "CLIPTokenizerFast"], "add_prefix_space": [false]}""";

    private readonly string directory;

    private ClipVocabulary(string directory)
    {
        this.directory = directory;
        Ids = ReadIds();
        Merges = ReadMerges();
        TokenizerConfig config = ModelConfigJson.ReadFile<TokenizerConfig>(Place("tokenizer_config.json"), Supported);
        TokenizerConfig tokens = File.Exists(Place("special_tokens_map.json"))
            ? ModelConfigJson.ReadFile<TokenizerConfig>(Place("special_tokens_map.json"), "{}")
            : config;
        Length = ReadLength(config);
        Begin = Known("bos_token", tokens.BosToken ?? config.BosToken, "<|startoftext|>");
        End = Known("eos_token", tokens.EosToken ?? config.EosToken, "<|endoftext|>");
        Unknown = Known("unk_token", tokens.UnkToken ?? config.UnkToken, "<|endoftext|>");
        Padding = Known("pad_token", tokens.PadToken ?? config.PadToken, "<|endoftext|>");
    }

    /// <summary>Token → id.</summary>
    public IReadOnlyDictionary<string, int> Ids { get; }

    /// <summary>Pairs of tokens that become one, the most frequent first; the two are separated by a space.</summary>
    public IReadOnlyList<string> Merges { get; }

    /// <summary>Ids of an encoded text, with begin, end and padding.</summary>
    public int Length { get; }

    /// <summary>The token before a text.</summary>
    public string Begin { get; }

    /// <summary>The token after a text.</summary>
    public string End { get; }

    /// <summary>The token for what is not in the vocabulary.</summary>
    public string Unknown { get; }

    /// <summary>The token that fills up a text.</summary>
    public string Padding { get; }

    /// <summary>Reads a tokenizer folder.</summary>
    /// <exception cref="RunException">A file is missing or malformed, or the files do not fit each other.</exception>
    public static ClipVocabulary Load(string directory) => new(directory);

    private string Place(string file) => Path.Combine(directory, file);

    private Dictionary<string, int> ReadIds()
    {
        string place = Place("vocab.json");
        Dictionary<string, int> ids = ModelConfigJson.ReadFile<Dictionary<string, int>>(place, "{}");
        HashSet<int> taken = [];
        foreach ((string token, int id) in ids)
            Require(id >= 0 && taken.Add(id), place, $"id {id} of {Quoted(token)} is negative or already taken");
        foreach (char symbol in ByteSymbols.All)
        {
            Require(ids.ContainsKey($"{symbol}"), place, $"{Quoted($"{symbol}")} is missing; every byte must have a token");
            Require(ids.ContainsKey(symbol + ByteSymbols.EndOfWord), place, $"{Quoted(symbol + ByteSymbols.EndOfWord)} is missing; every byte must have a token");
        }

        return ids;
    }

    private List<string> ReadMerges()
    {
        string place = Place("merges.txt");
        string[] lines = ModelConfigJson.ReadText(place).ReplaceLineEndings("\n").Split('\n');
        List<string> merges = new(lines.Length);
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int line = 1; line < lines.Length; line++) // the first line is the version
        {
            if (lines[line].Length == 0) continue;
            string at = $"{place}:{line + 1}";
            string[] pair = lines[line].Split(' ');
            Require(pair.Length == 2, at, "a merge is two tokens separated by one space");
            foreach (string token in (string[])[pair[0], pair[1], pair[0] + pair[1]])
                Require(Ids.ContainsKey(token), at, $"{Quoted(token)} is not in vocab.json");
            Require(seen.Add(lines[line]), at, "this merge stands further up already");
            merges.Add(lines[line]);
        }

        return merges;
    }

    private int ReadLength(TokenizerConfig config)
    {
        double length = config.ModelMaxLength ?? 77;
        ModelConfigJson.Require(
            length is >= 2 and <= LongestText && length == (int)length,
            Place("tokenizer_config.json"), "model_max_length", length, "it must be the length of the text encoder's input, such as 77");
        return (int)length;
    }

    private string Known(string key, SpecialToken? given, string usual)
    {
        string token = given?.Content ?? usual;
        Require(Ids.ContainsKey(token), Place("vocab.json"), $"{Quoted(token)}, the {key} of tokenizer_config.json, is missing");
        return token;
    }

    private static void Require(bool holds, string place, string problem)
    {
        if (!holds) throw new RunException(ExitClass.ConfigurationError, $"{place}: {problem}; copy the tokenizer folder of the model again");
    }

    // as JSON, so that no control character reaches a message
    private static string Quoted(string token) => JsonSerializer.Serialize(token.Length <= 40 ? token : token[..40] + "…");
}
