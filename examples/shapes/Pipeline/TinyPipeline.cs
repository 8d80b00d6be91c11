using System.Text.Json;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Layers;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using TorchSharp;
using static TorchSharp.torch;

namespace Shapes.Pipeline;

/// <summary>
/// A pipeline with the parts and the topology of Stable Diffusion 1.5 and a thousandth of its size, in diffusers layout: a trained autoencoder,
/// a text encoder that stays as random as it is, and a UNet of random weights that is to learn by supervised fine-tuning.
/// </summary>
internal static class TinyPipeline
{
    private const long Seed = 15;

    /// <summary>Writes the pipeline.</summary>
    /// <param name="directory">Where to; must not exist.</param>
    /// <param name="tokenizer">A directory with CLIP tokenizer files; its vocabulary decides the size of the text encoder.</param>
    /// <param name="report">Gets a line of progress now and then.</param>
    public static void Write(string directory, string tokenizer, Action<string> report) => DurableDirectory.Write(directory, into =>
    {
        CopyTokenizer(tokenizer, Path.Combine(into, "tokenizer"));
        WriteJson(Path.Combine(into, "model_index.json"), TinyConfigs.Index);
        WriteJson(Path.Combine(into, "scheduler", "scheduler_config.json"), TinyConfigs.Scheduler);
        int words = JsonDocument.Parse(File.ReadAllText(Path.Combine(tokenizer, "vocab.json"))).RootElement.EnumerateObject().Count();
        WriteText(Path.Combine(into, "text_encoder"), words);
        WriteAutoencoder(Path.Combine(into, "vae"), report);
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

    private static void WriteAutoencoder(string directory, Action<string> report)
    {
        using DisposeScope scope = NewDisposeScope();
        string config = WriteJson(Path.Combine(directory, "config.json"), TinyConfigs.Autoencoder);
        AutoencoderKL network = Filled(new AutoencoderKL(AutoencoderConfig.FromFile(config), META), 2);
        AutoencoderTraining training = new(network);
        training.Run(report);
        LatentNormalization.Apply(network, training.Latents());
        Save(network, directory, "diffusion_pytorch_model", ScalarType.Float16); // nobody trains it any more
    }

    private static T Filled<T>(T network, long index)
        where T : nn.Module
    {
        CounterRandom random = new(Seed, 0, index, DrawPurpose.Initialization);
        SeededInitialization.Fill(network, random.FillUniform);
        return network;
    }

    private static void Save(nn.Module network, string directory, string stem, ScalarType storeAs = ScalarType.Float32) => WeightsWriter.Write(
        directory, stem, [.. network.named_parameters().Select(one => (one.name, (Tensor)one.parameter))], new WeightsFormat { StoreAs = storeAs });

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
