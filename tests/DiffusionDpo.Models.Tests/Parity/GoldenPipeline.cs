using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Parity;

/// <summary>The small pipelines among the goldens: <c>tiny-TAG</c> and what the reference computed with it.</summary>
internal static class GoldenPipeline
{
    private const string Suffix = "-activations";

    /// <summary>Tags with a pipeline.</summary>
    private static IEnumerable<string> Tags =>
        Directory.GetDirectories(Goldens.Root, "*" + Suffix)
            .Select(directory => Path.GetFileName(directory)[..^Suffix.Length])
            .Where(tag => Goldens.Exists($"tiny-{tag}", "unet"))
            .Order(StringComparer.Ordinal);

    /// <summary>(tag, file without extension) of each recorded case of a kind, such as <c>unet_even</c>.</summary>
    public static TheoryData<string, string> Cases(string kind, bool submodules)
    {
        var cases = new TheoryData<string, string>();
        foreach (string tag in Tags)
        {
            foreach (string file in Directory.GetFiles(Goldens.Path(tag + Suffix), $"{kind}*.safetensors").Order(StringComparer.Ordinal))
            {
                string name = Path.GetFileNameWithoutExtension(file);
                if (name.EndsWith("_submodules", StringComparison.Ordinal) == submodules) cases.Add(tag, name);
            }
        }

        return cases;
    }

    public static Dictionary<string, Tensor> Activations(string tag, string file)
    {
        using var opened = Goldens.Open(tag + Suffix, file + ".safetensors");
        return opened.Entries.Keys.ToDictionary(name => name, opened.GetTensor);
    }

    public static UNet2DConditionModel UNet(string tag) =>
        Loaded(new UNet2DConditionModel(UNetConfig.FromFile(Goldens.Path($"tiny-{tag}", "unet", "config.json")), META), tag, "unet");

    public static AutoencoderKL Autoencoder(string tag) =>
        Loaded(new AutoencoderKL(AutoencoderConfig.FromFile(Goldens.Path($"tiny-{tag}", "vae", "config.json")), META), tag, "vae");

    /// <summary>A text encoder: <c>text_encoder</c> or <c>text_encoder_2</c>.</summary>
    public static ClipTextModel TextEncoder(string tag, string part) =>
        Loaded(new ClipTextModel(ClipTextConfig.FromFile(Goldens.Path($"tiny-{tag}", part, "config.json")), META), tag, part);

    /// <summary>What recorded inputs tell the UNet.</summary>
    public static Conditioning Conditioning(Dictionary<string, Tensor> inputs, ScalarType type = ScalarType.Float32) =>
        new(inputs["encoder_hidden_states"].to(type))
        {
            PooledText = inputs.TryGetValue("text_embeds", out Tensor? pooled) ? pooled.to(type) : null,
            TimeIds = inputs.GetValueOrDefault("time_ids"),
        };

    private static T Loaded<T>(T module, string tag, string part)
        where T : nn.Module
    {
        using Weights weights = Weights.Open(Directory.GetFiles(Goldens.Path($"tiny-{tag}", part), "*.safetensors").Single());
        StrictLoader.Load(module, weights);
        return module;
    }
}
