using System.Globalization;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Adapters;

/// <summary>Files of low-rank adapters for a UNet, in diffusers', peft's and kohya's names.</summary>
public static class LoraFile
{
    /// <summary>What diffusers calls such a file.</summary>
    public const string DiffusersName = "pytorch_lora_weights.safetensors";

    /// <summary>Key of the header: the hash of the base network's weights, see <see cref="WeightsHash"/>.</summary>
    public const string BaseKey = "ddpo_base_sha256";

    private const string AlphaKey = "ddpo_lora_alpha";
    private const string RankKey = "ss_network_dim"; // kohya's keys, shown by the web UIs
    private const string KohyaAlphaKey = "ss_network_alpha";

    /// <summary>Writes adapters under diffusers' names.</summary>
    /// <param name="path">The file.</param>
    /// <param name="adapters">The adapters.</param>
    /// <param name="baseHash">Of the network that they were trained on.</param>
    /// <param name="type">How they are stored.</param>
    /// <exception cref="RunException">Storage error: the disk is full or cannot be written.</exception>
    public static void WriteDiffusers(string path, LoraAdapters adapters, string baseHash, ScalarType type) =>
        Write(path, adapters, LoraNaming.Diffusers, new() { ["format"] = "pt", [BaseKey] = baseHash, [AlphaKey] = Text(adapters.Alpha) }, type);

    /// <summary>Writes adapters under the names of kohya's scripts, which ComfyUI and the web UIs read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="adapters">The adapters.</param>
    /// <param name="baseHash">Of the network that they were trained on.</param>
    /// <param name="type">How they are stored.</param>
    /// <exception cref="RunException">Storage error: the disk is full or cannot be written.</exception>
    public static void WriteKohya(string path, LoraAdapters adapters, string baseHash, ScalarType type)
    {
        Dictionary<string, string> header = new()
        {
            ["format"] = "pt", [BaseKey] = baseHash, ["ss_network_module"] = "networks.lora", [RankKey] = Text(adapters.Rank), [KohyaAlphaKey] = Text(adapters.Alpha),
        };
        Write(path, adapters, LoraNaming.Kohya, header, type);
    }

    /// <summary>Reads adapters and puts them onto a network.</summary>
    /// <param name="path">A safetensors file in any of the known namings.</param>
    /// <param name="network">The UNet.</param>
    /// <param name="baseHash">The hash of its weights; null: whether they are those of the training is not checked.</param>
    /// <exception cref="RunException">
    /// Configuration error: they are of another base network. Data error: the file holds no adapters for this network, or others besides.
    /// </exception>
    public static LoraAdapters Attach(string path, nn.Module network, string? baseHash)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (baseHash is not null && file.Metadata.TryGetValue(BaseKey, out string? trained) && trained != baseHash)
        {
            throw new RunException(
                ExitClass.ConfigurationError,
                $"{path} belongs to a base model with the hash {Excerpt.Plain(trained)}; this one has {baseHash}: give the model that it was trained on");
        }

        string[] modules = [.. network.named_modules().Where(each => LoraAdapter.Has(each.module)).Select(each => each.name)];
        LoraNaming naming = LoraNaming.All.MaxBy(each => modules.Count(module => file.Entries.ContainsKey(each.Down(module))))!;
        string[] chosen = [.. modules.Where(module => file.Entries.ContainsKey(naming.Down(module)) && file.Entries.ContainsKey(naming.Up(module)))];
        RefuseOthers(file, naming, chosen);
        (int rank, double alpha) = Scale(file, naming, chosen);
        LoraAdapters adapters = LoraAdapters.Attach(network, chosen.ToHashSet(StringComparer.Ordinal).Contains, rank, alpha);
        try
        {
            Fill(adapters, file, naming);
            return adapters;
        }
        catch
        {
            adapters.Dispose();
            throw;
        }
    }

    private static void Write(string path, LoraAdapters adapters, LoraNaming naming, Dictionary<string, string> header, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        List<(string Name, Tensor Tensor)> tensors = [];
        foreach ((string module, Tensor down, Tensor up) in adapters.Weights())
        {
            tensors.Add((naming.Down(module), down));
            tensors.Add((naming.Up(module), up));
            if (naming.Alpha(module) is { } alpha) tensors.Add((alpha, tensor((float)adapters.Alpha)));
        }

        SafetensorsWriter.WriteFile(path, tensors, header, type);
    }

    private static void RefuseOthers(SafetensorsFile file, LoraNaming naming, string[] chosen)
    {
        HashSet<string> known = [.. chosen.SelectMany(module => new[] { naming.Down(module), naming.Up(module), naming.Alpha(module) ?? "" })];
        string[] others = [.. file.Entries.Keys.Where(name => !known.Contains(name))];
        if (chosen.Length > 0 && others.Length == 0) return;
        string what = chosen.Length == 0 ? "no low-rank adapters for this network" : "tensors that are no adapters of this network";
        string examples = string.Join(", ", others.Take(3).Select(Excerpt.Plain));
        throw new RunException(
            ExitClass.DataError, $"{file.Path} holds {what}: {others.Length} such as {examples}; adapters of a UNet of the same family are needed, none of text encoders");
    }

    // Files of diffusers hold no alpha: its loaders take the rank then.
    private static (int Rank, double Alpha) Scale(SafetensorsFile file, LoraNaming naming, string[] chosen)
    {
        int[] ranks = [.. chosen.Select(module => (int)file.Entries[naming.Down(module)].Shape[0]).Distinct()];
        double[] alphas = [.. chosen.Select(module => AlphaOf(module) ?? ranks[0]).Distinct()];
        if (ranks.Length == 1 && alphas.Length == 1 && ranks[0] > 0 && double.IsFinite(alphas[0])) return (ranks[0], alphas[0]);
        throw new RunException(ExitClass.DataError, $"{file.Path}: its adapters have ranks {string.Join(", ", ranks)} and alphas {string.Join(", ", alphas)}; one of each is supported");

        double? AlphaOf(string module)
        {
            if (naming.Alpha(module) is { } name && file.Entries.ContainsKey(name))
            {
                using Tensor stored = file.GetTensor(name);
                return stored.to(ScalarType.Float64).item<double>();
            }

            return file.Metadata.TryGetValue(AlphaKey, out string? text) && double.TryParse(text, CultureInfo.InvariantCulture, out double alpha) ? alpha : null;
        }
    }

    private static void Fill(LoraAdapters adapters, SafetensorsFile file, LoraNaming naming)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string module, Tensor down, Tensor up) in adapters.Weights())
        {
            Take(naming.Down(module), down);
            Take(naming.Up(module), up);
        }

        void Take(string name, Tensor target)
        {
            SafetensorsEntry entry = file.Entries[name];
            if (!entry.Shape.SequenceEqual(target.shape))
                throw new RunException(ExitClass.DataError, $"{file.Path}: {Excerpt.Plain(name)} is [{string.Join(", ", entry.Shape)}], [{string.Join(", ", target.shape)}] fits the network");
            target.copy_(file.GetTensor(name));
        }
    }

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
