using System.Text.Json.Nodes;
using DiffusionDpo.Models.Layers;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Pipelines;

/// <summary>The goldens' SDXL model made into a refiner: the second text encoder alone, five size numbers, a UNet for these with arbitrary weights.</summary>
internal static class TinyRefiner
{
    public static void Write(string directory)
    {
        string source = Goldens.Path("tiny-sdxl");
        foreach (string part in (string[])["scheduler", "text_encoder_2", "tokenizer_2", "vae"])
            foreach (string file in Directory.GetFiles(Path.Combine(source, part)))
                File.Copy(file, Path.Combine(Directory.CreateDirectory(Path.Combine(directory, part)).FullName, Path.GetFileName(file)));
        JsonObject index = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "model_index.json")))!.AsObject();
        index["_class_name"] = "StableDiffusionXLImg2ImgPipeline";
        index.Remove("text_encoder");
        index.Remove("tokenizer");
        File.WriteAllText(Path.Combine(directory, "model_index.json"), index.ToJsonString());

        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "unet", "config.json")))!.AsObject();
        config["cross_attention_dim"] = 32;
        config["projection_class_embeddings_input_dim"] = 24 + (5 * 8);
        string unet = Directory.CreateDirectory(Path.Combine(directory, "unet")).FullName;
        File.WriteAllText(Path.Combine(unet, "config.json"), config.ToJsonString());
        using DisposeScope scope = NewDisposeScope();
        using UNet2DConditionModel network = new(UNetConfig.FromFile(Path.Combine(unet, "config.json")), META);
        Random random = new(3);
        SeededInitialization.Fill(network, span =>
        {
            foreach (ref float value in span) value = random.NextSingle();
        });
        SafetensorsWriter.WriteFile(Path.Combine(unet, "diffusion_pytorch_model.safetensors"), [.. network.state_dict().Select(each => (each.Key, each.Value))]);
    }
}
