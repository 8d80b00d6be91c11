using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Configuration;

public sealed class ModelConfigTests
{
    private const string TwoLevels = """
        "block_out_channels": [32, 64], "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]
        """;

    [Theory]
    [InlineData("\"addition_embed_type\": \"text_image\"", "addition_embed_type", "\"text_image\"")]
    [InlineData("\"addition_embed_type\": \"text_time\"", "addition_time_embed_dim", "null")]
    [InlineData("\"addition_embed_type\": \"text_time\", \"addition_time_embed_dim\": 256", "projection_class_embeddings_input_dim", "null")]
    [InlineData("\"time_cond_proj_dim\": 256", "time_cond_proj_dim", "256")]
    [InlineData("\"class_embed_type\": \"timestep\"", "class_embed_type", "\"timestep\"")]
    [InlineData("\"resnet_time_scale_shift\": \"scale_shift\"", "resnet_time_scale_shift", "\"scale_shift\"")]
    [InlineData("\"dual_cross_attention\": true", "dual_cross_attention", "true")]
    [InlineData("\"act_fn\": \"gelu\"", "act_fn", "\"gelu\"")]
    [InlineData("\"mid_block_type\": null", "mid_block_type", "null")]
    [InlineData("\"_class_name\": \"AutoencoderKL\"", "_class_name", "\"AutoencoderKL\"")]
    [InlineData("\"down_block_types\": [\"KDownBlock2D\", \"DownBlock2D\", \"DownBlock2D\", \"DownBlock2D\"]", "down_block_types", "KDownBlock2D")]
    [InlineData("\"block_out_channels\": [320, 640]", "down_block_types", "4")]
    [InlineData("\"block_out_channels\": [320, 640, 1280, 1000]", "block_out_channels[3]", "1000")]
    [InlineData("\"attention_head_dim\": [8, 8]", "attention_head_dim", "[8, 8]")]
    [InlineData("\"layers_per_block\": 0", "layers_per_block", "0")]
    [InlineData("\"layers_per_block\": \"two\"", "layers_per_block", "two")]
    [InlineData("\"norm_num_groups\": \"x\"", "norm_num_groups", "System.Int32")]
    public void What_is_not_supported_is_refused_by_key_and_value(string member, string key, string value)
    {
        var failure = Assert.Throws<RunException>(() => UNetConfig.FromJson($"{{{member}}}", "unet/config.json"));
        Assert.Equal(ExitClass.ConfigurationError, failure.ExitClass);
        Assert.Contains("unet/config.json", failure.Message, StringComparison.Ordinal);
        Assert.Contains(key, failure.Message, StringComparison.Ordinal);
        if (value != "two") Assert.Contains(value, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"a\": ")]
    public void Text_that_is_no_object_is_refused(string json) =>
        Assert.Equal(ExitClass.ConfigurationError, Assert.Throws<RunException>(() => UNetConfig.FromJson(json, "config.json")).ExitClass);

    [Fact]
    public void Autoencoders_and_text_encoders_of_another_kind_are_refused()
    {
        Assert.Throws<RunException>(() => AutoencoderConfig.FromJson("{\"shift_factor\": 0.1159}", "vae"));
        Assert.Throws<RunException>(() => AutoencoderConfig.FromJson("{\"block_out_channels\": [60]}", "vae"));
        Assert.Throws<RunException>(() => ClipTextConfig.FromJson("{\"hidden_act\": \"relu\"}", "text"));
        Assert.Throws<RunException>(() => ClipTextConfig.FromJson("{\"architectures\": [\"CLIPVisionModel\"]}", "text"));
        Assert.Throws<RunException>(() => ClipTextConfig.FromJson("{\"num_attention_heads\": 7}", "text"));
    }

    [Fact]
    public void A_missing_file_is_a_missing_input() =>
        Assert.Equal(ExitClass.InputMissing, Assert.Throws<RunException>(() => UNetConfig.FromFile("/nowhere/config.json")).ExitClass);

    [Fact]
    public void Unknown_keys_are_ignored_and_absent_ones_mean_what_the_reference_means()
    {
        UNetConfig unet = UNetConfig.FromJson("{\"sample_size\": 64, \"something_new\": 1}", "unet");
        Assert.Equal([320, 640, 1280, 1280], unet.BlockOutChannels);
        Assert.Equal(0.18215, AutoencoderConfig.FromJson("{}", "vae").ScalingFactor);
        Assert.Equal("quick_gelu", ClipTextConfig.FromJson("{}", "text").HiddenAct);
    }

    [Fact]
    public void Numbers_may_be_given_for_each_block()
    {
        string lists = $$"""
            { {{TwoLevels}}, "attention_head_dim": [4, 8], "transformer_layers_per_block": [2, 3], "layers_per_block": [1, 2],
              "cross_attention_dim": [48, 40], "use_linear_projection": true }
            """;
        using var network = new UNet2DConditionModel(UNetConfig.FromJson(lists, "unet"), META);
        Dictionary<string, Tensor> state = network.state_dict();
        Assert.Equal([32L, 32], state["down_blocks.0.attentions.0.proj_in.weight"].shape);
        Assert.Equal([32L, 48], state["down_blocks.0.attentions.0.transformer_blocks.1.attn2.to_k.weight"].shape);
        Assert.Equal([64L, 40], state["mid_block.attentions.0.transformer_blocks.2.attn2.to_v.weight"].shape);
        Assert.Contains("down_blocks.1.resnets.1.conv1.weight", state.Keys);
        Assert.DoesNotContain("down_blocks.0.resnets.1.conv1.weight", state.Keys);
        Assert.Contains("up_blocks.0.resnets.2.conv1.weight", state.Keys);
    }

    [Fact]
    public void The_number_of_heads_goes_by_its_own_key_where_it_is_given()
    {
        UNetConfig config = UNetConfig.FromJson($$"""{ {{TwoLevels}}, "attention_head_dim": 8, "num_attention_heads": [2, 4] }""", "unet");
        Assert.Equal([2, 4], config.NumAttentionHeads!.Values);
    }
}
