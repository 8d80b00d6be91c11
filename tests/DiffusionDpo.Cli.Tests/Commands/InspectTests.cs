using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed class InspectTests(UninterruptedRun uninterrupted)
{
    private string Checkpoint => Path.Combine(uninterrupted.Run, "checkpoints", "step-00000009");

    [Fact]
    public void A_checkpoint_is_described_and_verified()
    {
        Outcome outcome = DdpoProcess.Run("inspect", Checkpoint).Ended(0);
        Assert.Empty(outcome.Errors);
        Says(outcome, "step", "9");
        Says(outcome, "pairs consumed", "36 (epoch 1)");
        Says(outcome, "run", "tiny");
        Assert.Matches(@"fingerprint +[0-9a-f]{64} *$", Line(outcome, "fingerprint"));
        Assert.Matches(@"optimizer\.safetensors +[\d,]+ bytes, sha256 [0-9a-f]{12}…, intact", Line(outcome, "optimizer.safetensors"));
    }

    [Fact]
    public void A_corrupt_checkpoint_is_named()
    {
        using Workspace workspace = new();
        string copy = workspace.Copy(Checkpoint, "checkpoint"), file = Path.Combine(copy, "optimizer.safetensors");
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Contains($"{file} is corrupt: its content has changed", DdpoProcess.Run("inspect", copy).Ended(85).OneError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_is_described_with_its_tensors()
    {
        Outcome outcome = DdpoProcess.Run("inspect", uninterrupted.Model, "--tensors").Ended(0);
        Says(outcome, "pipeline", "StableDiffusionPipeline");
        Assert.Matches(@"^ *unet: parameters +[\d,]+ *$", Line(outcome, "unet: parameters"));
        Assert.Matches(@"Float32 +16 × 4 × 3 × 3", Line(outcome, "conv_in.weight"));
    }

    [Fact]
    public void A_weights_file_is_described() =>
        Says(DdpoProcess.Run("inspect", Path.Combine(uninterrupted.Model, "unet", "diffusion_pytorch_model.safetensors")).Ended(0), "types", "496 × Float32");

    [Fact]
    public void A_model_in_one_file_is_told_apart_from_a_network()
    {
        using Workspace workspace = new();
        string file = workspace.In("one.safetensors");
        DdpoProcess.Run("convert", uninterrupted.Model, file).Ended(0);
        Assert.Contains("of no published family: ", Line(DdpoProcess.Run("inspect", file).Ended(0), "model in one file"), StringComparison.Ordinal);
        Assert.DoesNotContain("model in one file", DdpoProcess.Run("inspect", Path.Combine(uninterrupted.Model, "vae", "diffusion_pytorch_model.safetensors")).Ended(0).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Adapters_are_described()
    {
        using Workspace workspace = new();
        AdapterFile.OfAnotherBase(workspace.In("lora.safetensors"));
        Outcome outcome = DdpoProcess.Run("inspect", workspace.In("lora.safetensors"), "--tensors").Ended(0);
        Says(outcome, "low-rank adapters", "88 layers of a UNet, diffusers (old) names");
        Says(outcome, "rank", "4");
        Says(outcome, "alpha", "4");
        Says(outcome, "base unet", "abc");
        Says(outcome, "tensors", "176");
        Assert.Matches(@"^ *bytes +[\d,]+ *$", Line(outcome, "bytes"));
        Assert.Contains("attn1.to_k.lora.down.weight", outcome.ToString(), StringComparison.Ordinal);
        Says(DdpoProcess.Run("inspect", AdapterFile.Golden).Ended(0), "base unet", "not named, as in files of other tools");
    }

    [Fact]
    public void Adapters_of_text_encoders_are_told_apart()
    {
        using Workspace workspace = new();
        SafetensorsWriter.WriteFile(workspace.In("te.safetensors"), [("lora_te_text_model_x.lora_down.weight", torch.ones(2, 3)), ("lora_unet_x.lora_down.weight", torch.ones(2, 3)), ("lora_unet_x.lora_up.weight", torch.ones(3, 2))]);
        Outcome outcome = DdpoProcess.Run("inspect", workspace.In("te.safetensors")).Ended(0);
        Says(outcome, "low-rank adapters", "1 layers of a UNet, kohya names");
        Says(outcome, "of text encoders", "1 tensors; such adapters are not supported");
    }

    [Fact]
    public void A_wrong_path_and_a_wrong_kind_are_told_apart()
    {
        Assert.Equal("error: /nonexistent: no such file or directory", DdpoProcess.Run("inspect", "/nonexistent").Ended(66).OneError());
        Assert.Contains("neither a checkpoint", DdpoProcess.Run("inspect", uninterrupted.Data).Ended(64).OneError(), StringComparison.Ordinal);
    }

    private static string Line(Outcome outcome, string name) =>
        outcome.Output.First(line => line.TrimStart().StartsWith(name + " ", StringComparison.Ordinal));

    private static void Says(Outcome outcome, string name, string value) => Assert.Equal(value, Line(outcome, name).Trim()[name.Length..].Trim());
}
