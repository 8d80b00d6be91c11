using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Models.Tests.Layouts;

/// <summary>The names of both layouts, at the real sizes.</summary>
public sealed class LayoutNamesTests
{
    /// <summary>Families and their networks, of which the goldens have an inventory.</summary>
    public static TheoryData<string, string> Inventories =>
    [
        .. Directory.GetFiles(Goldens.Path("inventory"), "*.shapes.json").Order(StringComparer.Ordinal)
            .Select(file => Path.GetFileName(file).Split('.')).Select(name => (name[0], name[1])),
    ];

    [Theory]
    [MemberData(nameof(Inventories))]
    public void Parameters_are_those_of_the_published_model(string family, string component)
    {
        using JsonDocument shapes = Goldens.Json("inventory", $"{family}.{component}.shapes.json");
        string[] expected = [.. shapes.RootElement.EnumerateObject().Select(each => $"{each.Name} {each.Value.GetRawText().Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal)}").Order(StringComparer.Ordinal)];
        string[] actual = [.. Network(family, component).Parameters.Select(each => $"{each.Name} [{string.Join(',', each.Shape)}]").Order(StringComparer.Ordinal)];
        Assert.Equal(expected, actual);
    }

    [Theory]
    [MemberData(nameof(Inventories))]
    public void Published_configurations_are_those_of_the_published_model(string family, string component)
    {
        using JsonDocument expected = Goldens.Json("inventory", $"{family}.{component}.config.json");
        JsonElement actual = Published(family).Files[$"{component}/config.json"];
        foreach (JsonProperty each in expected.RootElement.EnumerateObject().Where(each => each.Name != "_diffusers_version"))
            Assert.True(JsonElement.DeepEquals(each.Value, actual.GetProperty(each.Name)), $"{each.Name} is {actual.GetProperty(each.Name)}");
    }

    [Theory]
    [MemberData(nameof(Inventories))]
    public void Every_parameter_has_a_place_of_its_own_in_the_single_file(string family, string component)
    {
        NetworkLayout network = Network(family, component);
        (string Name, int Part, string Parameter)[] places =
            [.. network.Tensors.SelectMany(tensor => tensor.Parts.Select((part, index) => (network.Prefix + tensor.Name, index, part.Name)))];
        Assert.Equal(places.Length, places.Select(place => (place.Name, place.Part)).Distinct().Count());
        Assert.Equal(places.Length, places.Select(place => place.Parameter).Distinct().Count());
        Assert.Equal(network.Tensors.Count, network.Tensors.Select(tensor => tensor.Name).Distinct().Count());
        Assert.All(network.Tensors, tensor => Assert.Equal(tensor.Shape.Aggregate(1L, (a, b) => a * b), tensor.Parts.Sum(part => part.Shape.Aggregate(1L, (a, b) => a * b))));
    }

    // Digests of names and shapes that were not made with this code: of the published files as a public tool for merging models lists them,
    // without what is no parameter; one line each, sorted.
    [Theory]
    [InlineData("sd15", 1130, "dd0d17c940fbd3a9caaa5c0908f12bcc529c3920a6edcf30fe8eedab2d41b931")]
    [InlineData("sdxl", 2513, "e8b4f0d1a190ee22bad61a944b38814e1f2a07fcd7d7261a5d06512eba767fe3")]
    public void Single_file_is_the_published_one(string family, int count, string hash)
    {
        string[] lines = [.. Published(family).Layout.Networks
            .SelectMany(network => network.Tensors.Select(tensor => $"{network.Prefix}{tensor.Name} [{string.Join(", ", tensor.Shape)}]")).Order(StringComparer.Ordinal)];
        Assert.Equal(count, lines.Length);
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines)))));
    }

    [Theory]
    [InlineData("sd15", "unet", 859_520_964)]
    [InlineData("sd21", "unet", 865_910_724)]
    [InlineData("sd21", "text_encoder", 340_387_840)]
    [InlineData("sdxl", "unet", 2_567_463_684)]
    [InlineData("sdxl", "text_encoder_2", 694_659_840)]
    public void Networks_have_as_many_parameters_as_published(string family, string component, long count) =>
        Assert.Equal(count, Network(family, component).Parameters.Sum(each => each.Shape.Aggregate(1L, (a, b) => a * b)));

    [Theory]
    [InlineData("sd15", "unet", "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight", "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight")]
    [InlineData("sd15", "unet", "down_blocks.0.downsamplers.0.conv.bias", "model.diffusion_model.input_blocks.3.0.op.bias")]
    [InlineData("sd15", "unet", "down_blocks.3.resnets.1.conv2.weight", "model.diffusion_model.input_blocks.11.0.out_layers.3.weight")]
    [InlineData("sd15", "unet", "mid_block.resnets.1.time_emb_proj.weight", "model.diffusion_model.middle_block.2.emb_layers.1.weight")]
    [InlineData("sd15", "unet", "up_blocks.0.upsamplers.0.conv.weight", "model.diffusion_model.output_blocks.2.1.conv.weight")]
    [InlineData("sd15", "unet", "up_blocks.1.upsamplers.0.conv.weight", "model.diffusion_model.output_blocks.5.2.conv.weight")]
    [InlineData("sd15", "unet", "up_blocks.3.resnets.2.conv_shortcut.weight", "model.diffusion_model.output_blocks.11.0.skip_connection.weight")]
    [InlineData("sd15", "unet", "time_embedding.linear_2.bias", "model.diffusion_model.time_embed.2.bias")]
    [InlineData("sd15", "unet", "conv_norm_out.weight", "model.diffusion_model.out.0.weight")]
    [InlineData("sd15", "vae", "encoder.down_blocks.0.downsamplers.0.conv.weight", "first_stage_model.encoder.down.0.downsample.conv.weight")]
    [InlineData("sd15", "vae", "decoder.up_blocks.0.resnets.0.norm1.weight", "first_stage_model.decoder.up.3.block.0.norm1.weight")]
    [InlineData("sd15", "vae", "decoder.up_blocks.2.resnets.0.conv_shortcut.bias", "first_stage_model.decoder.up.1.block.0.nin_shortcut.bias")]
    [InlineData("sd15", "vae", "encoder.mid_block.attentions.0.to_out.0.weight", "first_stage_model.encoder.mid.attn_1.proj_out.weight")]
    [InlineData("sd15", "vae", "quant_conv.weight", "first_stage_model.quant_conv.weight")]
    [InlineData("sd15", "text_encoder", "text_model.final_layer_norm.weight", "cond_stage_model.transformer.text_model.final_layer_norm.weight")]
    [InlineData("sd21", "text_encoder", "text_model.encoder.layers.22.mlp.fc2.bias", "cond_stage_model.model.transformer.resblocks.22.mlp.c_proj.bias")]
    [InlineData("sd21", "unet", "up_blocks.0.upsamplers.0.conv.weight", "model.diffusion_model.output_blocks.2.1.conv.weight")]
    [InlineData("sdxl", "unet", "up_blocks.0.upsamplers.0.conv.weight", "model.diffusion_model.output_blocks.2.2.conv.weight")]
    [InlineData("sdxl", "unet", "add_embedding.linear_1.weight", "model.diffusion_model.label_emb.0.0.weight")]
    [InlineData("sdxl", "unet", "down_blocks.2.attentions.1.transformer_blocks.9.ff.net.0.proj.weight", "model.diffusion_model.input_blocks.8.1.transformer_blocks.9.ff.net.0.proj.weight")]
    [InlineData("sdxl", "text_encoder", "text_model.embeddings.token_embedding.weight", "conditioner.embedders.0.transformer.text_model.embeddings.token_embedding.weight")]
    [InlineData("sdxl", "text_encoder_2", "text_model.encoder.layers.0.self_attn.k_proj.weight", "conditioner.embedders.1.model.transformer.resblocks.0.attn.in_proj_weight")]
    [InlineData("sdxl", "text_encoder_2", "text_model.embeddings.position_embedding.weight", "conditioner.embedders.1.model.positional_embedding")]
    [InlineData("sdxl", "text_encoder_2", "text_projection.weight", "conditioner.embedders.1.model.text_projection")]
    [InlineData("sdxl-refiner", "text_encoder_2", "text_model.final_layer_norm.bias", "conditioner.embedders.0.model.ln_final.bias")]
    [InlineData("sdxl-refiner", "unet", "down_blocks.3.resnets.0.conv1.weight", "model.diffusion_model.input_blocks.10.0.in_layers.2.weight")]
    [InlineData("sdxl-refiner", "unet", "mid_block.attentions.0.transformer_blocks.3.norm1.weight", "model.diffusion_model.middle_block.1.transformer_blocks.3.norm1.weight")]
    public void Well_known_names_are_met(string family, string component, string parameter, string name)
    {
        NetworkLayout network = Network(family, component);
        Assert.Equal(name, network.Prefix + network.Tensors.Single(tensor => tensor.Parts.Any(part => part.Name == parameter)).Name);
    }

    private static PublishedFamily Published(string name) => PublishedFamily.All.Single(each => each.Name == name);

    private static NetworkLayout Network(string family, string component) => Published(family).Layout.Networks.Single(each => each.Component == component);
}
