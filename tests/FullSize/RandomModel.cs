using System.Text.Json;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;
using static TorchSharp.torch;

namespace FullSize;

/// <summary>A model of a published family at its real dimensions, with random weights, in diffusers layout. Its tokenizer is the goldens' small one.</summary>
internal static class RandomModel
{
    private const ScalarType Stored = ScalarType.BFloat16;

    private static readonly string[] Parts = ["unet", "vae", "text_encoder", "text_encoder_2"];

    /// <summary>Writes it, unless it is there.</summary>
    /// <param name="family">As the inventories name it: sd15 or sdxl.</param>
    /// <param name="directory">Where to.</param>
    public static void Write(string family, string directory)
    {
        if (Directory.Exists(directory)) return;
        DurableDirectory.Write(directory, into =>
        {
            string tiny = Goldens($"tiny-{family}");
            File.Copy(Path.Combine(tiny, "model_index.json"), Path.Combine(into, "model_index.json"));
            foreach (string folder in Directory.GetDirectories(tiny, "tokenizer*")) Copy(folder, Path.Combine(into, Path.GetFileName(folder)));
            string scheduler = Directory.CreateDirectory(Path.Combine(into, "scheduler")).FullName;
            File.Copy(Inventory($"{family}.scheduler.config.json"), Path.Combine(scheduler, "scheduler_config.json"));
            foreach (string part in Parts.Where(part => File.Exists(Inventory($"{family}.{part}.shapes.json")))) WritePart(family, part, into);
        });
    }

    private static void WritePart(string family, string part, string model)
    {
        string directory = Directory.CreateDirectory(Path.Combine(model, part)).FullName;
        File.Copy(Inventory($"{family}.{part}.config.json"), Path.Combine(directory, "config.json"));
        using JsonDocument shapes = JsonDocument.Parse(File.ReadAllBytes(Inventory($"{family}.{part}.shapes.json")));
        TensorToWrite[] tensors =
        [
            .. shapes.RootElement.EnumerateObject().Select(each => (each.Name, Shape: each.Value.EnumerateArray().Select(size => size.GetInt64()).ToArray()))
                .Select(each => new TensorToWrite(each.Name, Stored, each.Shape, () => Draw(each.Name, each.Shape))),
        ];
        WeightsWriter.Write(directory, part is "unet" or "vae" ? "diffusion_pytorch_model" : "model", tensors, new WeightsFormat());
    }

    // Norms are 1 and 0, biases 0, the rest uniform in ±1/√(inputs): numbers stay of ordinary size through the whole depth.
    private static Tensor Draw(string name, long[] shape)
    {
        if (shape.Length < 2) return name.Contains("norm", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal) ? ones(shape) : zeros(shape);
        double bound = 1 / Math.Sqrt(shape[1..].Aggregate((a, b) => a * b));
        return empty(shape).uniform_(-bound, bound);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static string Goldens(string name) => Repository.Path("tests", "goldens", name);

    private static string Inventory(string file) => Repository.Path("tests", "goldens", "inventory", file);
}
