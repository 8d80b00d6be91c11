using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Models.Loading;

/// <summary>What the weights of a component are called: diffusers' and transformers' names, their indices, and the fp16 variants.</summary>
internal static class WeightsPath
{
    private static readonly string[] Stems = ["diffusion_pytorch_model", "model"];
    private static readonly string[] OtherFormats = [".bin", ".ckpt", ".pt", ".pth", ".msgpack", ".h5", ".onnx"];

    /// <summary>The first of these that a directory has: index, then file; full precision, then fp16.</summary>
    /// <exception cref="RunException">Input missing: it has none.</exception>
    public static string Find(string directory)
    {
        string[] names = [.. Stems.SelectMany(Names)];
        string? found = names.OrderBy(name => name.Contains(".fp16", StringComparison.Ordinal))
            .Select(name => Path.Combine(directory, name)).FirstOrDefault(File.Exists);
        if (found is not null) return found;
        bool hasOther = Directory.EnumerateFiles(directory).Any(IsOtherFormat);
        throw new RunException(
            ExitClass.InputMissing,
            hasOther
                ? $"{directory} has weights in another format only; safetensors is required: fetch or convert to {names[1]}"
                : $"{directory} has no weights; looked for {string.Join(", ", names)}");
    }

    /// <summary>The stem that a component's weights have: that of the weights it has, else the one that its library writes.</summary>
    public static string StemOf(string component, string directory) =>
        Stems.FirstOrDefault(stem => Names(stem).Any(name => File.Exists(Path.Combine(directory, name)))) ?? StemOf(component);

    /// <summary>The stem that a component's library writes: text encoders are of transformers, the other networks of diffusers.</summary>
    public static string StemOf(string component) => component.StartsWith("text_encoder", StringComparison.Ordinal) ? Stems[1] : Stems[0];

    /// <summary>Whether this is a safetensors file or an index of some.</summary>
    public static bool IsSafetensors(string file) => Path.GetFileName(file).Contains(".safetensors", StringComparison.Ordinal);

    /// <summary>Whether these are weights in a format that is not read here.</summary>
    public static bool IsOtherFormat(string file) => OtherFormats.Contains(Path.GetExtension(file));

    /// <summary>Whether these are weights of a variant that is never read here, such as the one without its moving average; fp16 is.</summary>
    public static bool IsOtherVariant(string file) => IsSafetensors(file) && file.Contains(".non_ema.", StringComparison.Ordinal);

    private static string[] Names(string stem) =>
    [
        $"{stem}.safetensors.index.json", $"{stem}.safetensors", $"{stem}.safetensors.index.fp16.json", $"{stem}.fp16.safetensors",
    ];
}
