using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Parity;

/// <summary>The small pipelines of SD1.5's topology among the goldens: <c>tiny-TAG</c> and what the reference computed with it.</summary>
internal static class GoldenPipeline
{
    private const string Suffix = "-activations";

    /// <summary>Tags whose pipeline has one text encoder.</summary>
    private static IEnumerable<string> Tags =>
        Directory.GetDirectories(Goldens.Root, "*" + Suffix)
            .Select(directory => Path.GetFileName(directory)[..^Suffix.Length])
            .Where(tag => Goldens.Exists($"tiny-{tag}", "unet") && !Goldens.Exists($"tiny-{tag}", "text_encoder_2"))
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

    public static ClipTextModel TextEncoder(string tag) =>
        Loaded(new ClipTextModel(ClipTextConfig.FromFile(Goldens.Path($"tiny-{tag}", "text_encoder", "config.json")), META), tag, "text_encoder");

    private static T Loaded<T>(T module, string tag, string part)
        where T : nn.Module
    {
        using Weights weights = Weights.Open(Directory.GetFiles(Goldens.Path($"tiny-{tag}", part), "*.safetensors").Single());
        StrictLoader.Load(module, weights);
        return module;
    }
}
