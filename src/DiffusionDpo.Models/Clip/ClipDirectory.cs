using System.Security.Cryptography;
using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Configuration;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Tokenizers;

namespace DiffusionDpo.Models.Clip;

/// <summary>
/// A whole CLIP model in transformers' layout: <c>config.json</c>, <c>model.safetensors</c>, the tokenizer's files, and where transformers prepares
/// the images <c>preprocessor_config.json</c>, all in one directory. Opening it reads and checks all but the weights.
/// </summary>
public sealed class ClipDirectory
{
    private const string ConfigName = "config.json";
    private static readonly string[] Identifying = [ConfigName, "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"];

    private ClipDirectory(string path)
    {
        Path = path;
        Config = ClipConfig.FromFile(FilePath(ConfigName));
        Tokenizer = ClipTokenizer.Load(path);
        Require(Tokenizer.HighestId < Config.Text.VocabSize, $"its tokenizer has the id {Tokenizer.HighestId}, and its text encoder only {Config.Text.VocabSize} tokens");
        Require(
            Tokenizer.Length <= Config.Text.MaxPositionEmbeddings,
            $"its tokenizer gives {Tokenizer.Length} ids, and its text encoder takes at most {Config.Text.MaxPositionEmbeddings}");
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>The architecture.</summary>
    public ClipConfig Config { get; }

    /// <summary>Texts to ids.</summary>
    public ClipTokenizer Tokenizer { get; }

    /// <summary>The weights, or their index.</summary>
    /// <exception cref="RunException">Input missing: there are none in safetensors format.</exception>
    internal string WeightsPath => Loading.WeightsPath.Find(Path);

    /// <summary>Opens a directory.</summary>
    /// <param name="path">The directory.</param>
    /// <exception cref="RunException">
    /// Input missing: no such directory, or a file is missing in it. Configuration error: it is no CLIP model, or its files do not belong together.
    /// </exception>
    public static ClipDirectory Open(string path)
    {
        if (!Directory.Exists(path)) throw new RunException(ExitClass.InputMissing, $"{path} is not a directory; a CLIP model in transformers' layout is needed there");
        if (File.Exists(System.IO.Path.Combine(path, ModelDirectory.IndexName)))
            throw new RunException(ExitClass.ConfigurationError, $"{path} is an image generator in diffusers layout; a CLIP model in transformers' layout is needed there");
        return new(path);
    }

    /// <summary>Whether a file of a published model is needed: configurations, tokenizer, license, weights in safetensors format.</summary>
    /// <param name="name">Its name below the model's directory, with slashes.</param>
    public static bool IsPartOfModel(string name) =>
        !name.Contains('/', StringComparison.Ordinal) && !name.StartsWith('.') && !Loading.WeightsPath.IsOtherFormat(name) && !Loading.WeightsPath.IsOtherVariant(name);

    /// <summary>A file in it.</summary>
    /// <param name="name">Its name.</param>
    internal string FilePath(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Hash of all that decides embeddings: configuration, tokenizer, weights. Reads all of the weights.</summary>
    internal byte[] Identity()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Identifying.Where(file => File.Exists(FilePath(file))))
        {
            byte[] text = Encoding.UTF8.GetBytes(ModelConfigJson.ReadText(FilePath(file)));
            hash.AppendData(Encoding.UTF8.GetBytes($"{file} {text.Length}\n"));
            hash.AppendData(text);
        }

        using Weights weights = Weights.Open(WeightsPath);
        hash.AppendData(Encoding.UTF8.GetBytes(WeightsHash.Of(weights)));
        return hash.GetHashAndReset();
    }

    private void Require(bool holds, string problem)
    {
        if (!holds) throw new RunException(ExitClass.ConfigurationError, $"{Path}: {problem}; fetch all files of one model");
    }
}
