using System.Text.Json;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Layers;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Quickstart;

/// <summary>
/// A pipeline with the parts and the topology of Stable Diffusion 1.5 and a thousandth of its size, in diffusers layout, with random weights:
/// the autoencoder is a fixed random projection of the image, and the UNet learns to denoise it by supervised fine-tuning.
/// </summary>
internal static class TinyPipeline
{
    private const long Seed = 15;
    private const int SamplesForScale = 128;

    /// <summary>Writes the pipeline.</summary>
    /// <param name="directory">Where to; must not exist.</param>
    /// <param name="tokenizer">A directory with CLIP tokenizer files; its vocabulary decides the size of the text encoder.</param>
    public static void Write(string directory, string tokenizer) => DurableDirectory.Write(directory, into =>
    {
        CopyTokenizer(tokenizer, Path.Combine(into, "tokenizer"));
        WriteJson(Path.Combine(into, "model_index.json"), TinyConfigs.Index);
        WriteJson(Path.Combine(into, "scheduler", "scheduler_config.json"), TinyConfigs.Scheduler);
        int words = JsonDocument.Parse(File.ReadAllText(Path.Combine(tokenizer, "vocab.json"))).RootElement.EnumerateObject().Count();
        WriteText(Path.Combine(into, "text_encoder"), words);
        WriteAutoencoder(Path.Combine(into, "vae"));
        WriteUNet(Path.Combine(into, "unet"));
    });

    private static void WriteText(string directory, int words)
    {
        string config = WriteJson(Path.Combine(directory, "config.json"), TinyConfigs.TextEncoder(words));
        Save(Filled(new ClipTextModel(ClipTextConfig.FromFile(config), META), 0), directory, "model");
    }

    private static void WriteUNet(string directory)
    {
        string config = WriteJson(Path.Combine(directory, "config.json"), TinyConfigs.UNet);
        Save(Filled(new UNet2DConditionModel(UNetConfig.FromFile(config), META), 1), directory, "diffusion_pytorch_model");
    }

    private static void WriteAutoencoder(string directory)
    {
        string path = Path.Combine(directory, "config.json");
        AutoencoderKL network = Filled(new AutoencoderKL(AutoencoderConfig.FromFile(WriteJson(path, TinyConfigs.Autoencoder(1))), META), 2);
        Parameter bias = network.named_parameters().Single(one => one.name == "quant_conv.bias").parameter;
        using (no_grad()) bias.narrow(0, 4, 4).fill_(-12); // log-variance: the projection is all there is to know about an image

        WriteJson(path, TinyConfigs.Autoencoder(1 / StandardDeviation(network)));
        Save(network, directory, "diffusion_pytorch_model");
    }

    /// <summary>Latents are divided by it, as Stable Diffusion's are by 1/0.18215: diffusion expects numbers of size 1.</summary>
    private static double StandardDeviation(AutoencoderKL network)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        CounterRandom random = new(Seed, 0, 3, DrawPurpose.Synthesis);
        Tensor[] latents = [.. Enumerable.Range(0, SamplesForScale).Select(i => network.Encode(Pixels(PreferenceData.Draw((ShapeKind)(i % 3), random))).Mean)];
        return cat(latents).std().item<float>();
    }

    private static Tensor Pixels(Shape shape)
    {
        byte[] rgb = shape.Draw(PreferenceData.Side);
        return ((tensor(rgb).to(ScalarType.Float32) / 127.5) - 1).view(1, PreferenceData.Side, PreferenceData.Side, 3).permute(0, 3, 1, 2).contiguous();
    }

    private static T Filled<T>(T network, long index)
        where T : nn.Module
    {
        CounterRandom random = new(Seed, 0, index, DrawPurpose.Initialization);
        SeededInitialization.Fill(network, random.FillUniform);
        return network;
    }

    private static void Save(nn.Module network, string directory, string stem) =>
        WeightsWriter.Write(directory, stem, [.. network.named_parameters().Select(one => (one.name, (Tensor)one.parameter))], new WeightsFormat());

    private static void CopyTokenizer(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static string WriteJson(string path, object content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(content, TinyConfigs.Json) + "\n");
        return path;
    }
}
