using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.Tests.Parity;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Adapters;

public sealed class LoraTests : IDisposable
{
    private static readonly string[] Everywhere = ["to_q", "to_out.0", "ff.net.0.proj", "proj_in", "conv1", "time_emb_proj", "downsamplers.0.conv"];

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGradient = no_grad();
    private readonly UNet2DConditionModel network = GoldenPipeline.UNet("sd15");

    public void Dispose()
    {
        network.Dispose();
        noGradient.Dispose();
        scope.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    [Trait("Category", "Parity")]
    public void Predictions_with_and_without_adapters_are_those_of_the_reference()
    {
        Dictionary<string, Tensor> golden = Tensors("outputs.safetensors");
        using LoraAdapters adapters = LoraFile.Attach(Goldens.Path("lora", "pytorch_lora_weights.safetensors"), network, baseHash: null);
        Assert.Equal((4, 4.0, 88), (adapters.Rank, adapters.Alpha, adapters.Modules.Count));
        Expect.Prediction("with", Predict(), golden["model_pred"]);
        adapters.IsEnabled = false;
        Expect.Prediction("without", Predict(), golden["ref_pred"]);
        adapters.IsEnabled = true;
        network.to(ScalarType.Float64);
        foreach (ParameterSlot slot in adapters.Slots()) slot.Replace(new(slot.Current.to(ScalarType.Float64)));
        double slack = TimeEncoding.Sensitivity(network, () => Predict(ScalarType.Float64));
        Expect.Float64("with, in float64", Predict(ScalarType.Float64), golden["model_pred_f64"], slack);
    }

    [Fact]
    public void New_adapters_change_nothing_and_switched_off_ones_neither()
    {
        Tensor before = Predict();
        using LoraAdapters adapters = Attach(Everywhere);
        Assert.True(before.equal(Predict()).all().item<bool>());
        Randomize(adapters);
        Assert.True(Goldens.RelativeL2(Predict(), before) > 1e-3);
        adapters.IsEnabled = false;
        Assert.True(before.equal(Predict()).all().item<bool>());
    }

    [Fact]
    public void Weights_with_the_changes_merged_give_what_the_adapters_give()
    {
        using LoraAdapters adapters = Attach(Everywhere);
        Randomize(adapters);
        network.to(ScalarType.Float64);
        foreach (ParameterSlot slot in adapters.Slots()) slot.Replace(new(slot.Current.to(ScalarType.Float64)));
        Tensor adapted = Predict(ScalarType.Float64);
        adapters.IsEnabled = false;
        foreach (ParameterSlot slot in ParameterSlot.Of(network).Where(slot => slot.Name.EndsWith(".weight", StringComparison.Ordinal)))
            if (adapters.ChangeOf(slot.Name[..^".weight".Length]) is { } change) slot.Replace(new(slot.Current + change));
        Assert.InRange(Goldens.RelativeL2(Predict(ScalarType.Float64), adapted), 0, 1e-6); // ΔW is float32
    }

    [Fact]
    public void Files_in_either_naming_are_read_back_with_rank_and_alpha()
    {
        using (LoraAdapters adapters = Attach(Everywhere))
        {
            Randomize(adapters);
            LoraFile.Write(In("diffusers.safetensors"), adapters, LoraNaming.Diffusers, "abc", ScalarType.Float32);
            LoraFile.Write(In("kohya.safetensors"), adapters, LoraNaming.Kohya, "abc", ScalarType.Float32);
        }

        using LoraAdapters again = Attach(Everywhere);
        Randomize(again);
        Tensor expected = Predict();
        again.Dispose();
        foreach (string name in (string[])["diffusers.safetensors", "kohya.safetensors"])
        {
            using LoraAdapters read = LoraFile.Attach(In(name), network, "abc");
            Assert.Equal((3, 6.0), (read.Rank, read.Alpha));
            Assert.True(expected.equal(Predict()).all().item<bool>(), name);
        }
    }

    [Fact]
    public void Names_are_those_that_diffusers_and_kohya_write()
    {
        using LoraAdapters adapters = Attach("to_out.0");
        LoraFile.Write(In("d.safetensors"), adapters, LoraNaming.Diffusers, "abc", ScalarType.BFloat16);
        LoraFile.Write(In("k.safetensors"), adapters, LoraNaming.Kohya, "abc", ScalarType.BFloat16);
        using SafetensorsFile diffusers = SafetensorsFile.Open(In("d.safetensors")), kohya = SafetensorsFile.Open(In("k.safetensors"));
        const string Module = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0";
        Assert.Contains($"unet.{Module}.lora_A.weight", diffusers.Entries.Keys);
        Assert.Contains($"unet.{Module}.lora_B.weight", diffusers.Entries.Keys);
        string flat = "lora_unet_" + Module.Replace('.', '_');
        Assert.Superset(new HashSet<string> { flat + ".lora_down.weight", flat + ".lora_up.weight", flat + ".alpha" }, kohya.Entries.Keys.ToHashSet());
        Assert.Equal(ScalarType.BFloat16, kohya.Entries[flat + ".lora_up.weight"].Type);
    }

    [Fact]
    public void Adapters_of_another_base_are_refused()
    {
        using (LoraAdapters adapters = Attach("to_q")) LoraFile.Write(In("lora.safetensors"), adapters, LoraNaming.Diffusers, "abc", ScalarType.Float32);
        string message = Failure.Of(ExitClass.ConfigurationError, () => LoraFile.Attach(In("lora.safetensors"), network, "def"));
        Assert.Contains("hash abc; this one has def", message);
    }

    [Fact]
    public void Unknown_targets_are_named_with_the_known_ones()
    {
        string message = Failure.Of(ExitClass.ConfigurationError, () => Attach("to_q", "to_x", "query"));
        Assert.Contains("ends in to_x or query; known are", message);
        Assert.All(["to_k", "to_out.0", "net.2", "net.0.proj", "conv1", "proj_in", "linear_1"], each => Assert.Contains(each, message));
        Assert.Equal(0, Goldens.MaxAbs(Predict(), Predict()));
    }

    [Fact]
    public void Files_without_adapters_for_this_network_are_refused()
    {
        SafetensorsWriter.WriteFile(In("other.safetensors"), [("unet.mid_block.nothing.lora_A.weight", ones(2, 3))]);
        Assert.Contains("no low-rank adapters", Failure.Of(ExitClass.DataError, () => LoraFile.Attach(In("other.safetensors"), network, null)));
        using (LoraAdapters adapters = Attach("to_q")) LoraFile.Write(In("lora.safetensors"), adapters, LoraNaming.Diffusers, "abc", ScalarType.Float32);
        using (SafetensorsFile file = SafetensorsFile.Open(In("lora.safetensors")))
        {
            List<(string, Tensor)> tensors = [.. file.Entries.Keys.Select(name => (name, file.GetTensor(name))), ("text_encoder.x.lora_A.weight", ones(2, 3))];
            SafetensorsWriter.WriteFile(In("more.safetensors"), tensors);
        }

        Assert.Contains("text_encoder.x.lora_A.weight", Failure.Of(ExitClass.DataError, () => LoraFile.Attach(In("more.safetensors"), network, null)));
    }

    private string In(string name) => Path.Combine(directory.FullName, name);

    private LoraAdapters Attach(params string[] targets) =>
        LoraAdapters.Attach(network, new AdapterOptions { Type = AdapterType.Lora, Rank = 3, Alpha = 6, Targets = targets }, span => span.Fill(0.75f));

    private static void Randomize(LoraAdapters adapters)
    {
        using var random = new Generator(3);
        foreach (ParameterSlot slot in adapters.Slots()) slot.Current.copy_(randn(slot.Current.shape, generator: random) * 0.1);
    }

    private Tensor Predict(ScalarType type = ScalarType.Float32)
    {
        Dictionary<string, Tensor> inputs = Tensors("inputs.safetensors");
        return network.call(inputs["noisy_latents"].to(type), inputs["timesteps"].repeat(2), new Conditioning(inputs["encoder_hidden_states"].to(type)).Repeat(2));
    }

    private static Dictionary<string, Tensor> Tensors(string file)
    {
        using SafetensorsFile opened = Goldens.Open("lora", file);
        return opened.Entries.Keys.ToDictionary(name => name, opened.GetTensor);
    }
}
