using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Places;
using DiffusionDpo.Models.Adapters;
using static TorchSharp.torch;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>What is to be converted into what.</summary>
internal sealed record ConversionRequest
{
    /// <summary>The rank of <see cref="Rank"/> where none is given.</summary>
    public const int DefaultRank = 16;

    private const string FileEnding = ".safetensors";

    private static readonly string[] s_pickles = [".ckpt", ".pt", ".pth", ".bin"];

    public required string Source { get; init; }

    public required string Target { get; init; }

    /// <summary>Where a tokenizer is.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>A model directory of the same architecture.</summary>
    public string? Like { get; init; }

    public ScalarType? Precision { get; init; }

    public ScalarType? VaePrecision { get; init; }

    /// <summary>A file of low-rank adapters that become part of the model.</summary>
    public string? Lora { get; init; }

    /// <summary>The adapters' changes are multiplied by it.</summary>
    public double? LoraScale { get; init; }

    /// <summary>The names that a file of adapters is to have.</summary>
    public LoraNaming? Naming { get; init; }

    /// <summary>The model directory that the source was trained from: what differs becomes adapters.</summary>
    public string? ExtractFrom { get; init; }

    /// <summary>Largest rank of adapters that are extracted; null: <see cref="DefaultRank"/>.</summary>
    public int? Rank { get; init; }

    public bool FromFile => !Directory.Exists(Source);

    public bool ToFile => Target.EndsWith(FileEnding, StringComparison.Ordinal);

    /// <summary>Whether the source is a pickle by its name.</summary>
    public bool FromPickle => FromFile && s_pickles.Contains(Path.GetExtension(Source));

    /// <summary>Whether any number format is asked for.</summary>
    public bool ChangesPrecision => (Precision ?? VaePrecision) is not null;

    /// <summary>Refuses what no conversion takes, before anything is opened.</summary>
    /// <exception cref="RunException">Input missing: there is no source. User error: the target is there, or one of both is of a format that is not read.</exception>
    public void RefuseWhatIsNoModel()
    {
        if (!Path.Exists(Source)) throw new RunException(ExitClass.InputMissing, $"{Source}: no such file or directory");
        if (Path.Exists(Target)) throw Wrong($"{Target} is there already; remove it, or name another TARGET");
        if (s_pickles.Contains(Path.GetExtension(Target))) throw Wrong($"{Target}: only {FileEnding} files are written; name TARGET so, or a directory");
        if (LoraScale is { } scale && (Lora is null || !double.IsFinite(scale))) throw Wrong("--lora-scale: give a number, together with --lora");
        if (Rank is not null && ExtractFrom is null) throw Wrong("--rank: only adapters that are extracted get a rank; give it together with --extract-lora");
        if (!FromFile || (FromPickle && ToFile) || Source.EndsWith(FileEnding, StringComparison.Ordinal)) return;
        throw Wrong(FromPickle
            ? $"{Source} is a pickle, which could run code when it is read; fetch the model as {FileEnding}, or make a file of its plain tensors first: ddpo convert {Source} {Path.ChangeExtension(Source, FileEnding)}"
            : $"{Source} is no {FileEnding} file; name such a file, or a model directory");
    }

    /// <summary>Refuses options that a conversion has no use for: who gives them expects something else.</summary>
    /// <param name="why">What is converted, and how.</param>
    public void RefuseTokenizerAndLike(string why)
    {
        if (Tokenizer is not null) throw Wrong($"--tokenizer: {why} needs none; leave it away");
        if (Like is not null) throw Wrong($"--like: {why} needs none; leave it away");
    }

    /// <summary>Refuses adapters to be merged where nothing is merged.</summary>
    /// <param name="why">What happens instead, or what is needed.</param>
    public void RefuseLora(string why)
    {
        if (Lora is not null) throw Wrong($"--lora: {why}");
    }

    /// <summary>Refuses a number format for an autoencoder where there is none.</summary>
    /// <param name="why">What is written instead.</param>
    public void RefuseVaePrecision(string why)
    {
        if (VaePrecision is not null) throw Wrong($"--vae-precision: {why}; leave it away");
    }

    /// <summary>Makes the directory in which the target file is to be.</summary>
    /// <exception cref="RunException">Storage error: it cannot be made.</exception>
    public void MakeParent() => ParentDirectory.Make(Target, "TARGET");

    /// <summary>A mistake in the arguments.</summary>
    /// <param name="message">What is wrong, and the remedy.</param>
    public static RunException Wrong(string message) => new(ExitClass.UserError, message);
}
