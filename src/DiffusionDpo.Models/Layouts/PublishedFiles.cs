using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Tokenizers;

namespace DiffusionDpo.Models.Layouts;

/// <summary>What a model directory of a published family has beside weights: its JSON files, and tokenizers over a vocabulary that was found.</summary>
internal sealed class PublishedFiles
{
    private const string Vocabulary = "vocab.json";
    private const string Merges = "merges.txt";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly PublishedFamily family;
    private readonly string tokenizer;

    private PublishedFiles(PublishedFamily family, string tokenizer)
    {
        this.family = family;
        this.tokenizer = tokenizer;
    }

    /// <summary>Finds and checks the tokenizer.</summary>
    /// <param name="family">The family.</param>
    /// <param name="directory">A tokenizer's directory, or a model directory that has one.</param>
    /// <exception cref="RunException">Input missing: there is none. Configuration error: it is unsound, or has another vocabulary.</exception>
    public static PublishedFiles Of(PublishedFamily family, string directory)
    {
        string tokenizer = family.Tokenizers.Prepend("tokenizer").Select(each => Path.Combine(directory, each)).Prepend(directory)
            .FirstOrDefault(each => File.Exists(Path.Combine(each, Vocabulary)))
            ?? throw new RunException(
                ExitClass.InputMissing, $"{directory} has no {Vocabulary}, nor has a directory tokenizer in it; name a tokenizer's directory or a model directory");
        int size = ClipTokenizer.Load(tokenizer).VocabularySize;
        int wanted = family.Files[$"{family.Configs.Texts.Keys.First(each => each.StartsWith("text_encoder", StringComparison.Ordinal))}/{ModelConfigs.FileName}"]
            .GetProperty("vocab_size").GetInt32();
        return size == wanted
            ? new(family, tokenizer)
            : throw new RunException(ExitClass.ConfigurationError, $"{tokenizer} has {size} tokens, and {family.Title} has {wanted}; name the tokenizer of a published model");
    }

    /// <summary>Writes them.</summary>
    /// <param name="into">The model's directory.</param>
    public void Write(string into)
    {
        foreach ((string name, JsonElement content) in family.Files)
        {
            string path = Path.Combine(into, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, JsonSerializer.Serialize(content, Indented) + "\n");
        }

        foreach (string each in family.Tokenizers)
            foreach (string file in (string[])[Vocabulary, Merges]) File.Copy(Path.Combine(tokenizer, file), Path.Combine(into, each, file));
    }
}
