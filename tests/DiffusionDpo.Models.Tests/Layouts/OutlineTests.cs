using System.Text.Json.Nodes;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Models.Tests.Layouts;

/// <summary>Configurations for which there are no names, or that ask for more than anything real.</summary>
public sealed class OutlineTests : IDisposable
{
    private readonly TinyModels tiny = new();

    public void Dispose() => tiny.Dispose();

    [Theory]
    [InlineData("unet", "block_out_channels", "[]")]
    [InlineData("unet", "block_out_channels", "null")]
    [InlineData("unet", "block_out_channels", "[16, 24]")]
    [InlineData("unet", "layers_per_block", "1000000000")]
    [InlineData("unet", "transformer_layers_per_block", "[1, 1, 100000]")]
    [InlineData("unet", "transformer_layers_per_block", "[]")]
    [InlineData("unet", "down_block_types", "[\"DownBlock2D\", \"DownBlock2D\", \"AttnDownBlock2D\"]")]
    [InlineData("unet", "up_block_types", "[\"UpBlock2D\", \"UpBlock2D\", \"AttnUpBlock2D\"]")]
    [InlineData("unet", "class_embed_type", "\"timestep\"")]
    [InlineData("unet", "addition_embed_type", "\"image\"")]
    [InlineData("unet", "projection_class_embeddings_input_dim", "null")]
    [InlineData("unet", "projection_class_embeddings_input_dim", "73")]
    [InlineData("unet", "cross_attention_dim", "64")]
    [InlineData("vae", "block_out_channels", "[]")]
    [InlineData("vae", "layers_per_block", "1000000000")]
    [InlineData("vae", "use_quant_conv", "false")]
    [InlineData("text_encoder", "num_hidden_layers", "1000000000")]
    [InlineData("text_encoder", "model_type", "\"bert\"")]
    [InlineData("text_encoder_2", "architectures", "[\"CLIPTextModel\"]")]
    [InlineData("text_encoder_2", "projection_dim", "25")]
    public void Configuration_without_a_single_file_form_is_refused_by_its_key(string component, string key, string value)
    {
        ModelDirectory model = tiny.Copy("tiny-sdxl");
        string path = model.FilePath(component, "config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        config[key] = JsonNode.Parse(value);
        File.WriteAllText(path, config.ToJsonString());
        string message = Failure.Of(ExitClass.ConfigurationError, () => ModelLayout.Of(ModelConfigs.Of(model)));
        Assert.Contains(model.Path, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_a_network_is_refused()
    {
        ModelDirectory model = tiny.Copy("tiny-sd15");
        string index = Path.Combine(model.Path, ModelDirectory.IndexName);
        JsonObject parts = JsonNode.Parse(File.ReadAllText(index))!.AsObject();
        parts.Remove("vae");
        File.WriteAllText(index, parts.ToJsonString());
        Assert.Contains("has no vae; a whole model is needed", Failure.Of(ExitClass.InputMissing, () => ModelLayout.Of(ModelConfigs.Of(ModelDirectory.Open(model.Path)))), StringComparison.Ordinal);
    }
}
