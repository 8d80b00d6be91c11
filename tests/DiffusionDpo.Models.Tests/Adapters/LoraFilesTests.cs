using System.Text.Json.Nodes;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.Tests.Layouts;
using DiffusionDpo.Models.Tests.Parity;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Adapters;

/// <summary>Files of adapters: merged into models, renamed, found again in a trained model; those of other tools too.</summary>
public sealed class LoraFilesTests : IDisposable
{
    private const string Layer = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q", Other = "mid_block.attentions.0.proj_in";

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGradient = no_grad();
    private readonly TinyModels tiny = new();

    private static string Golden => Goldens.Path("lora", "pytorch_lora_weights.safetensors");

    private static ModelDirectory Model => TinyModels.Model("tiny-sd15");

    private string Peft()
    {
        Directory.CreateDirectory(tiny.In("peft"));
        const string Begin = "base_model.model.";
        SafetensorsWriter.WriteFile(tiny.In("peft", "adapter_model.safetensors"),
        [
            ($"{Begin}{Layer}.lora_A.weight", ones(4, 16)), ($"{Begin}{Layer}.lora_B.weight", ones(16, 4)),
            ($"{Begin}{Other}.lora_A.weight", ones(4, 32, 1, 1)), ($"{Begin}{Other}.lora_B.weight", ones(32, 4, 1, 1)),
        ]);
        return tiny.In("peft", "adapter_model.safetensors");
    }

    public void Dispose()
    {
        noGradient.Dispose();
        scope.Dispose();
        tiny.Dispose();
    }

    [Fact]
    [Trait("Category", "Parity")]
    public void A_merged_model_predicts_what_the_reference_does_with_the_adapters()
    {
        Merge("merged", Golden);
        using SafetensorsFile inputs = Goldens.Open("lora", "inputs.safetensors"), outputs = Goldens.Open("lora", "outputs.safetensors");
        using UNet2DConditionModel network = UNet(tiny.In("merged"));
        Tensor predicted = network.call(inputs.GetTensor("noisy_latents"), inputs.GetTensor("timesteps").repeat(2), new Conditioning(inputs.GetTensor("encoder_hidden_states")).Repeat(2));
        Expect.Prediction("merged", predicted, outputs.GetTensor("model_pred"));
    }

    [Fact]
    public void Strength_scales_what_is_merged()
    {
        Merge("whole", Golden);
        Merge("half", Golden, 0.5);
        Merge("none", Golden, 0);
        Tensor start = Weight(Model, Layer), whole = Weight(Open("whole"), Layer), half = Weight(Open("half"), Layer);
        Assert.True(Goldens.RelativeL2(whole, start) > 1e-4);
        Assert.InRange(Goldens.RelativeL2(half - start, (whole - start) / 2), 0, 1e-5);
        TinyModels.Same(Goldens.Path("tiny-sd15"), tiny.In("none"));
    }

    [Fact]
    public void Names_change_and_numbers_do_not()
    {
        Rename(Golden, "kohya", LoraNaming.Kohya, null);
        Rename(tiny.In("kohya"), "diffusers", LoraNaming.Diffusers, Model);
        using SafetensorsFile expected = SafetensorsFile.Open(Golden), actual = SafetensorsFile.Open(tiny.In("diffusers"));
        Assert.Equal(expected.Entries.Keys.Select(Today).Order(StringComparer.Ordinal), actual.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected.Entries.Keys, name => Assert.Equal(0, Goldens.MaxAbs(actual.GetTensor(Today(name)), expected.GetTensor(name))));

        // the golden has the names of before peft
        static string Today(string name) => name.Replace(".lora.down.", ".lora_A.", StringComparison.Ordinal).Replace(".lora.up.", ".lora_B.", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("diffusers")]
    [InlineData("kohya")]
    public void Ranks_and_alphas_of_every_layer_and_the_base_are_kept(string name)
    {
        LoraTensors[] layers = [new(Layer, 3.5, randn(2, 16), randn(16, 2)), new(Other, 1, randn(3, 32, 1, 1), randn(32, 3, 1, 1))];
        LoraFile.Write(tiny.In("first"), layers, LoraNaming.Diffusers, "abc", new());
        Rename(tiny.In("first"), "kohya", LoraNaming.Kohya, null);
        Rename(tiny.In("kohya"), "diffusers", LoraNaming.Diffusers, Model);
        using LoraDocument document = LoraDocument.Open(tiny.In(name));
        Assert.Equal((name, "abc"), (document.Naming.Title, document.BaseHash));
        Assert.Equal([(2, 3.5), (3, 1.0)], document.Layers.Select(layer => (layer.Rank, layer.Alpha)));
        Merge("merged", tiny.In("kohya"), 2, hashed: false);
        Tensor expected = Weight(Model, Other) + (layers[1].Up.flatten(1).mm(layers[1].Down.flatten(1)) * 2 / 3).view(32, 32, 1, 1);
        Assert.InRange(Goldens.RelativeL2(Weight(Open("merged"), Other), expected), 0, 1e-6);
    }

    [Fact]
    public void The_header_is_what_diffusers_takes_alpha_from()
    {
        LoraFile.Write(tiny.In("file"), [new(Layer, 8, ones(4, 16), ones(16, 4)), new(Other, 2, ones(4, 32, 1, 1), ones(32, 4, 1, 1))], LoraNaming.Diffusers, null, new());
        using SafetensorsFile file = SafetensorsFile.Open(tiny.In("file"));
        JsonObject said = JsonNode.Parse(file.Metadata["lora_adapter_metadata"])!.AsObject();
        Assert.Equal((4.0, 8.0), ((double)said["unet.r"]!, (double)said["unet.lora_alpha"]!));
        Assert.Equal([Layer, Other], said["unet.target_modules"]!.AsArray().Select(each => (string)each!));
        Assert.Empty(said["unet.rank_pattern"]!.AsObject());
        Assert.Equal(2, (double)Assert.Single(said["unet.alpha_pattern"]!.AsObject()).Value!);
        Assert.False(file.Metadata.ContainsKey(LoraFile.BaseKey));
    }

    [Theory]
    [InlineData("""{"lora_alpha": 16, "alpha_pattern": {}}""", 16, 16)]
    [InlineData("""{"lora_alpha": 16, "use_rslora": true}""", 32, 32)]
    [InlineData("""{"lora_alpha": 16, "alpha_pattern": {"mid_block.*": 8}}""", 16, 8)]
    [InlineData("""{"lora_alpha": 16, "alpha_pattern": {"proj_in": 8, ".*": 2}}""", 2, 8)]
    [InlineData("""{"lora_alpha": 16, "alpha_pattern": {"roj_in": 8}}""", 16, 16)]
    public void Pefts_files_get_their_strength_from_the_configuration_beside_them(string configuration, double alpha, double other)
    {
        string path = Peft();
        File.WriteAllText(tiny.In("peft", "adapter_config.json"), configuration);
        using LoraDocument document = LoraDocument.Open(path);
        Assert.Equal("peft", document.Naming.Title);
        Assert.Equal([(Layer, alpha), (Other, other)], document.Layers.Select(layer => (layer.Stem, layer.Alpha)));
    }

    [Theory]
    [InlineData(null, ExitClass.InputMissing, "says how strong its adapters are; fetch it too")]
    [InlineData("[]", ExitClass.DataError, "adapter_config.json is malformed")]
    [InlineData("""{"lora_alpha": "16"}""", ExitClass.DataError, "adapter_config.json is malformed")]
    [InlineData("""{"lora_alpha": 16, "alpha_pattern": {"(": 8}}""", ExitClass.DataError, "adapter_config.json is malformed")]
    public void Pefts_files_without_a_sound_configuration_are_refused(string? configuration, ExitClass expected, string message)
    {
        string path = Peft();
        if (configuration is not null) File.WriteAllText(tiny.In("peft", "adapter_config.json"), configuration);
        Assert.Contains(message, Failure.Of(expected, () => LoraDocument.Open(path)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("transformer.single_transformer_blocks.0.attn.to_q")]
    [InlineData("text_model.encoder.layers.0.self_attn.q_proj")]
    public void Adapters_of_another_kind_of_network_are_refused(string layer)
    {
        SafetensorsWriter.WriteFile(tiny.In("file"), [($"{layer}.lora_A.weight", ones(4, 16)), ($"{layer}.lora_B.weight", ones(16, 4))]);
        Assert.Contains($"no low-rank adapters of a UNet, but 2 tensors such as {layer}", Failure.Of(ExitClass.DataError, () => Rename(tiny.In("file"), "out", LoraNaming.Kohya, null)), StringComparison.Ordinal);
    }

    /// <summary>What kohya's scripts call layers of SDXL.</summary>
    [Theory]
    [InlineData("input_blocks_4_1_transformer_blocks_0_attn1_to_q", "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q")]
    [InlineData("input_blocks_8_1_transformer_blocks_9_ff_net_0_proj", "down_blocks.2.attentions.1.transformer_blocks.9.ff.net.0.proj")]
    [InlineData("middle_block_1_proj_out", "mid_block.attentions.0.proj_out")]
    [InlineData("output_blocks_2_1_transformer_blocks_3_attn2_to_out_0", "up_blocks.0.attentions.2.transformer_blocks.3.attn2.to_out.0")]
    [InlineData("output_blocks_5_0_in_layers_2", "up_blocks.1.resnets.2.conv1")]
    [InlineData("label_emb_0_2", "add_embedding.linear_2")]
    [InlineData("up_blocks_0_attentions_2_proj_in", "up_blocks.0.attentions.2.proj_in")]
    public void Names_of_blocks_in_single_files_are_known(string stem, string layer)
    {
        PublishedFamily sdxl = PublishedFamily.All.Single(family => family.Name == "sdxl");
        Assert.Equal(layer, AdaptableLayers.Of(sdxl.Layout.Networks[0].Tensors).Find(stem, LoraNaming.Kohya)!.Name);
    }

    [Fact]
    public void A_published_family_gives_flat_names_their_dots_back()
    {
        const string Name = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k";
        SafetensorsWriter.WriteFile(tiny.In("sgm"), [($"{Name}.lora_down.weight", ones(4, 2048)), ($"{Name}.lora_up.weight", ones(640, 4)), ($"{Name}.alpha", tensor(2f))]);
        Rename(tiny.In("sgm"), "diffusers", LoraNaming.Diffusers, null);
        using SafetensorsFile file = SafetensorsFile.Open(tiny.In("diffusers"));
        Assert.Contains("unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight", file.Entries.Keys);
        SafetensorsWriter.WriteFile(tiny.In("odd"), [($"{Name}.lora_down.weight", ones(4, 7)), ($"{Name}.lora_up.weight", ones(640, 4))]);
        Assert.Contains("give --like MODEL", Failure.Of(ExitClass.UserError, () => Rename(tiny.In("odd"), "no", LoraNaming.Diffusers, null)));
    }

    [Theory]
    [InlineData(4, 0, 2e-6)]
    [InlineData(3, 1e-3, 0.9)]
    public void A_low_rank_change_is_found_again(int rank, double least, double most)
    {
        Merge("merged", Golden);
        LoraExtraction found = LoraExtraction.Write(tiny.In("found"), (Model, Open("merged")), rank, LoraNaming.Diffusers, new());
        using LoraDocument golden = LoraDocument.Open(Golden), document = LoraDocument.Open(tiny.In("found"));
        Assert.Equal(golden.Layers.Select(layer => layer.Stem), document.Layers.Select(layer => layer.Stem));
        Assert.All(document.Layers, layer => Assert.Equal((rank, (double)rank), (layer.Rank, layer.Alpha)));
        Assert.InRange(found.Loss, least, most);
        Assert.Equal(0, found.Uncovered);
        Merge("again", tiny.In("found"));
        Tensor start = Weight(Model, Layer), expected = Weight(Open("merged"), Layer) - start, actual = Weight(Open("again"), Layer) - start;
        ExtractedLayer told = found.Layers.Single(each => each.Module == Layer);
        Assert.InRange(Math.Abs(Goldens.RelativeL2(actual, expected) - (told.Lost / told.Change)), 0, 1e-5);
        Assert.InRange(Math.Abs(expected.norm().item<float>() - told.Change), 0, 1e-5);
    }

    [Fact]
    public void What_has_no_adapter_is_counted_as_lost()
    {
        Merge("merged", Golden);
        string unet = tiny.In("merged", "unet", "diffusion_pytorch_model.safetensors");
        using (SafetensorsFile file = SafetensorsFile.Open(unet))
            SafetensorsWriter.WriteFile(unet, [.. file.Entries.Keys.Select(name => (name, name == "conv_out.bias" ? file.GetTensor(name) + 3 : file.GetTensor(name)))]);
        LoraExtraction found = LoraExtraction.Write(tiny.In("found"), (Model, Open("merged")), 4, LoraNaming.Kohya, new());
        double covered = Math.Sqrt(found.Layers.Sum(each => each.Change * each.Change));
        Assert.Equal(6, found.Uncovered, 5); // four biases, 3 more each
        Assert.Equal(6 / Math.Sqrt(36 + (covered * covered)), found.Loss, 5);
        Assert.Contains("no layer", Failure.Of(ExitClass.UserError, () => LoraExtraction.Write(tiny.In("none"), (Model, Model), 4, LoraNaming.Kohya, new())));
    }

    public static TheoryData<string, string> Unsound => new()
    {
        { "rank", "which is no adapter" },
        { "alpha", "with alpha NaN, which is no adapter" },
        { "layer", "1 adapters for layers that this UNet has not, such as lora_unet_mid_block_attentions_7_proj_in.lora_down.weight" },
        { "size", "for a weight of [16, 17], and this UNet's is [16, 16]" },
        { "encoder", "1 tensors of adapters for text encoders, such as lora_te1_text_model_x.lora_down.weight; only adapters of the UNet are supported" },
        { "kind", "1 tensors that are no adapters of a UNet, such as lora_unet_conv_in.dora_scale" },
        { "header", "lora_adapter_metadata in its header is malformed" },
        { "hash", "belongs to a base model with the hash abc; this one has" },
    };

    [Theory]
    [MemberData(nameof(Unsound))]
    public void What_does_not_fit_is_refused_and_nothing_is_written(string mistake, string expected)
    {
        string flat = "lora_unet_" + Layer.Replace('.', '_');
        Dictionary<string, Tensor> tensors = new() { [$"{flat}.lora_down.weight"] = ones(2, 16), [$"{flat}.lora_up.weight"] = ones(16, 2), [$"{flat}.alpha"] = tensor(1f) };
        Dictionary<string, string> header = [];
        if (mistake == "rank") tensors[$"{flat}.lora_up.weight"] = ones(16, 3);
        if (mistake == "alpha") tensors[$"{flat}.alpha"] = ones(2);
        if (mistake == "layer") (tensors["lora_unet_mid_block_attentions_7_proj_in.lora_down.weight"], tensors["lora_unet_mid_block_attentions_7_proj_in.lora_up.weight"]) = (ones(2, 3), ones(3, 2));
        if (mistake == "size") tensors[$"{flat}.lora_down.weight"] = ones(2, 17);
        if (mistake == "encoder") tensors["lora_te1_text_model_x.lora_down.weight"] = ones(2, 3);
        if (mistake == "kind") tensors["lora_unet_conv_in.dora_scale"] = ones(2, 3);
        if (mistake == "header") header["lora_adapter_metadata"] = "{\"unet.lora_alpha\": \"much\"}";
        if (mistake == "hash") header[LoraFile.BaseKey] = "abc";
        SafetensorsWriter.WriteFile(tiny.In("file"), [.. tensors.Select(each => (each.Key, each.Value))], header);
        ExitClass exit = mistake == "hash" ? ExitClass.ConfigurationError : ExitClass.DataError;
        string message = Failure.Of(exit, () => Merge("merged", tiny.In("file")));
        Assert.Contains(expected, message);
        Assert.Contains(tiny.In("file"), message);
        Assert.False(Path.Exists(tiny.In("merged")));
    }

    private void Merge(string target, string lora, double strength = 1, bool hashed = true)
    {
        string file = hashed ? lora : WithoutHash(lora);
        using LoraMerge merged = LoraMerge.Open(file, Model, strength);
        using DirectoryConversion conversion = DirectoryConversion.Open(Model, merged);
        conversion.WriteDirectory(tiny.In(target), new());
    }

    private string WithoutHash(string lora) => tiny.Changed(lora, tensors => tensors);

    private void Rename(string file, string target, LoraNaming naming, ModelDirectory? like)
    {
        using LoraDocument document = LoraDocument.Open(file);
        document.Write(tiny.In(target), naming, like, new());
    }

    private ModelDirectory Open(string name) => ModelDirectory.Open(tiny.In(name));

    private static Tensor Weight(ModelDirectory model, string layer)
    {
        using Weights weights = model.OpenWeights("unet");
        return weights.GetTensor($"{layer}.weight");
    }

    private static UNet2DConditionModel UNet(string model)
    {
        ModelDirectory directory = ModelDirectory.Open(model);
        UNet2DConditionModel network = new(UNetConfig.FromFile(directory.FilePath("unet", "config.json")), META);
        using Weights weights = directory.OpenWeights("unet");
        StrictLoader.Load(network, weights);
        return network;
    }
}
