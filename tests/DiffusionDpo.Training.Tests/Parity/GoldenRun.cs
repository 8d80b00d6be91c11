using System.Text.Json;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Parity;

/// <summary>What the reference recorded of losses, gradients and training.</summary>
internal static class GoldenRun
{
    /// <summary>(tag, β) of every recorded DPO loss.</summary>
    public static TheoryData<string, string> Betas()
    {
        var cases = new TheoryData<string, string>();
        foreach (string tag in Tags())
        {
            using JsonDocument summary = Goldens.Json("dpo", tag + ".json");
            foreach (JsonProperty each in summary.RootElement.EnumerateObject().Where(each => each.Name.StartsWith("beta", StringComparison.Ordinal)))
                cases.Add(tag, each.Name["beta".Length..]);
        }

        return cases;
    }

    /// <summary>Tags with a recorded supervised loss.</summary>
    public static TheoryData<string> Sft() => [.. Tags().Where(tag => Goldens.Exists("dpo", $"{tag}_sft.safetensors"))];

    /// <summary>(tag, name) of every recorded training.</summary>
    public static TheoryData<string, string> Trainings()
    {
        var cases = new TheoryData<string, string>();
        foreach (string tag in Tags())
        {
            foreach (string file in Directory.GetFiles(Goldens.Path("train"), $"{tag}_*.json").Order()) cases.Add(tag, Path.GetFileNameWithoutExtension(file));
        }

        return cases;
    }

    /// <summary>The micro-batches of a recorded training; one without inputs of its own had those of AdamW's.</summary>
    public static Dictionary<string, Tensor> TrainingInputs(string tag, string name) =>
        Tensors("train", Goldens.Exists("train", name + "_inputs.safetensors") ? name + "_inputs.safetensors" : $"{tag}_adamw_inputs.safetensors");

    public static UNet2DConditionModel Reference(string tag, ScalarType type) =>
        TinyRun.Load(Config(tag), Directory.GetFiles(Goldens.Path($"tiny-{tag}", "unet"), "*.safetensors").Single(), type);

    public static UNet2DConditionModel Policy(string tag, ScalarType type) => TinyRun.Load(Config(tag), Goldens.Path("dpo", $"{tag}_policy_unet.safetensors"), type);

    /// <summary>What recorded inputs tell the networks, once for each row.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="prefix">Of their names.</param>
    /// <param name="rows">Rows of the batch; what was recorded for fewer is repeated.</param>
    /// <param name="type">The networks' number format.</param>
    public static Conditioning Conditioning(Dictionary<string, Tensor> inputs, string prefix, long rows, ScalarType type)
    {
        Tensor? Rows(string name, ScalarType of) => inputs.TryGetValue(prefix + name, out Tensor? found)
            ? found.to(of).repeat([rows / found.shape[0], .. Enumerable.Repeat(1L, (int)found.dim() - 1)])
            : null;
        return new(Rows("encoder_hidden_states", type)!) { PooledText = Rows("text_embeds", type), TimeIds = Rows("time_ids", ScalarType.Float32) };
    }

    public static Dictionary<string, Tensor> Tensors(params string[] file)
    {
        using var opened = Goldens.Open(file);
        return opened.Entries.Keys.ToDictionary(name => name, opened.GetTensor);
    }

    private static string Config(string tag) => Goldens.Path($"tiny-{tag}", "unet", "config.json");

    private static IEnumerable<string> Tags() => Directory.GetFiles(Goldens.Path("dpo"), "*.json").Select(file => Path.GetFileNameWithoutExtension(file))
        .Where(tag => Goldens.Exists($"tiny-{tag}", "unet")).Order();
}
