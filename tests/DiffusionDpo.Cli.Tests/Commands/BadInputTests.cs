using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Tests.Processes;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

/// <summary>Bad input gets one line per problem with place and remedy, the right exit code, and leaves nothing half-written.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    private static readonly Dictionary<string, Case> s_cases = new()
    {
        ["no model directory"] = new(each => each.Edit("source: model", "source: nowhere"), ExitClass.InputMissing, "nowhere"),
        ["not a model directory"] = new(each => File.Delete(each.At("model", "model_index.json")), ExitClass.InputMissing, "model_index.json"),
        ["model of another family"] = new(
            each => Replace(each.At("model", "model_index.json"), "StableDiffusionPipeline", "StableDiffusionXLPipeline"),
            ExitClass.ConfigurationError, "StableDiffusionXLPipeline", "only a StableDiffusionPipeline"),
        ["a network without its weights"] = new(each => File.Delete(each.UNet), ExitClass.InputMissing, "unet"),
        ["weights that are cut off"] = new(each => Truncate(each.UNet), ExitClass.DataError, "diffusion_pytorch_model.safetensors"),
        ["weights of another shape"] = new(
            each => Replace(each.At("model", "unet", "config.json"), "\"cross_attention_dim\": 32", "\"cross_attention_dim\": 64"), ExitClass.DataError, "attn2"),
        ["configuration that is no JSON"] = new(each => File.WriteAllText(each.At("model", "unet", "config.json"), "{"), ExitClass.ConfigurationError, "config.json", "restore"),
        ["no shard"] = new(each => File.Delete(each.At("train.parquet")), ExitClass.InputMissing, "train.parquet"),
        ["a shard that is no parquet"] = new(each => each.Write("train.parquet", new('x', 5000)), ExitClass.DataError, "train.parquet"),
        ["a shard that is cut off"] = new(each => Truncate(each.At("train.parquet")), ExitClass.DataError, "train.parquet"),
        ["an empty file as a shard"] = new(each => each.Write("train.parquet", ""), ExitClass.DataError, "train.parquet"),
        ["a shard without rows"] = new(each => each.WriteShard("train.parquet", 0, 0), ExitClass.DataError, "train.parquet"),
        ["nothing but ties"] = new(each => each.WriteShard("train.parquet", 5, 0, label: 0.5), ExitClass.DataError, "5 ties"),
        ["images that are none"] = new(each => each.WriteShard("train.parquet", 5, 0, image: [1, 2, 3]), ExitClass.DataError, "train.parquet", "row group 0", "data.maxBadFraction"),
        ["weights that are not numbers"] = new(SpoilWeights, ExitClass.Diverged, "loss"),
        ["output below a file"] = new(each => each.Edit("uri: run", "uri: train.parquet/run"), ExitClass.StorageError, "output.uri", "train.parquet"),
        ["a checkpoint that was changed"] = new(
            each =>
            {
                each.Ddpo("run", "finetune.yaml").Expect(ExitClass.Succeeded);
                Spoil(Directory.GetFiles(each.At("run", "checkpoints", "step-00000006"), "*.safetensors", SearchOption.AllDirectories)[0]);
                Directory.Delete(each.At("run", "model"), recursive: true);
            },
            ExitClass.CheckpointCorrupt, "step-00000006", ".safetensors", "--previous-checkpoint"),
        ["no fine-tune"] = new(each => File.Delete(each.At("finetune.yaml")), ExitClass.InputMissing, "finetune.yaml"),
        ["YAML that is none"] = new(each => each.Write("finetune.yaml", "spec: ["), ExitClass.ConfigurationError, "finetune.yaml:2:1: is not YAML"),
        ["an unknown key"] = new(each => each.Edit("globalBatch:", "globalBach:"), ExitClass.ConfigurationError, "finetune.yaml:18:5: spec.training.globalBach", "did you mean globalBatch?"),
        ["what this version lacks"] = new(each => each.Edit("seed: 3", "precision: bf16"), ExitClass.ConfigurationError, "training.precision"),
        ["a warm-up longer than the run"] = new(each => each.Edit("warmupSteps: 2", "warmupSteps: 200"), ExitClass.ConfigurationError, "warmupSteps"),
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Bad_input_gets_one_line_and_its_exit_code(string name)
    {
        Case bad = s_cases[name];
        bad.Spoil(workspace);
        Outcome outcome = workspace.Ddpo("run", "finetune.yaml", "--json");
        outcome.ExpectOneLine(bad.ExitClass, bad.Parts);
        Assert.Equal(("error", $"{bad.ExitClass}", (int)bad.ExitClass), ((string?)outcome.Events[^1]["event"], (string?)outcome.Events[^1]["class"], (int)outcome.Events[^1]["code"]!));
        Assert.EndsWith((string)outcome.Events[^1]["message"]!, outcome.Errors[0]);
        Assert.Empty(workspace.Leftovers);
        Assert.False(Directory.Exists(workspace.At("run", "model")));
    }

    [Fact]
    public void Several_problems_of_a_fine_tune_are_several_lines()
    {
        workspace.Edit("family: sd15", "family: sd16");
        workspace.Edit("globalBatch: 4", "globalBatch: 0");
        workspace.Edit("crop: random", "croop: random");
        Outcome outcome = workspace.Ddpo("run", "finetune.yaml").Expect(ExitClass.ConfigurationError);
        Assert.Equal(3, outcome.Errors.Count);
        Assert.All(outcome.Errors, line => Assert.Matches(@"^finetune\.yaml:\d+:\d+: spec\.\w+", line));
        Assert.False(Directory.Exists(workspace.Run));
    }

    [Fact]
    public void A_corrupt_checkpoint_is_passed_over_on_request()
    {
        workspace.Ddpo("run", "finetune.yaml").Expect(ExitClass.Succeeded);
        IReadOnlyDictionary<string, string> straight = workspace.Results();
        Spoil(Directory.GetFiles(workspace.At("run", "checkpoints", "step-00000006"), "*.safetensors")[0]);
        Directory.Delete(workspace.At("run", "model"), recursive: true);
        workspace.Ddpo("run", "finetune.yaml", "--previous-checkpoint").Expect(ExitClass.Succeeded);
        Assert.True(straight.SequenceEqual(workspace.Results()));
    }

    /// <summary>A file may not grow over 256 KiB: events still fit, checkpoints no longer do.</summary>
    [Fact]
    public void Where_a_checkpoint_does_not_fit_the_previous_one_survives() => FullDisk(() =>
        DdpoProcess.Start(workspace.Root, [("DOTNET_EnableWriteXorExecute", "0")], "bash", ["-c", "trap '' XFSZ; ulimit -f 256; exec \"$0\" run finetune.yaml", DdpoProcess.Program]));

    [Fact]
    public void On_a_full_disk_the_previous_checkpoint_survives()
    {
        Directory.CreateDirectory(workspace.Run);
        Assert.SkipUnless(Mount("-t", "tmpfs", "-o", "size=40m", "tmpfs", workspace.Run), "a small file system can be mounted by root only");
        try
        {
            FullDisk(() =>
            {
                File.WriteAllBytes(workspace.At("run", "ballast"), new byte[new DriveInfo(workspace.Run).AvailableFreeSpace]);
                return workspace.Start("run", "finetune.yaml");
            });
        }
        finally
        {
            System.Diagnostics.Process.Start("umount", [workspace.Run]).WaitForExit();
        }
    }

    private void FullDisk(Func<DdpoProcess> startOnFullDisk)
    {
        using (DdpoProcess process = workspace.Start("run", "finetune.yaml", "--json"))
        {
            process.WaitForEvent("checkpoint");
            process.Send(DdpoProcess.Kill);
            process.End();
        }

        string[] before = workspace.Snapshot("run/checkpoints");
        Assert.NotEmpty(before);
        using (DdpoProcess process = startOnFullDisk()) process.End().ExpectOneLine(ExitClass.StorageError, workspace.Run, "free space");
        Assert.Equal(before, workspace.Snapshot("run/checkpoints"));
        Assert.Empty(workspace.Leftovers);
        File.Delete(workspace.At("run", "ballast"));
        workspace.Ddpo("run", "finetune.yaml").Expect(ExitClass.Succeeded);
    }

    private static bool Mount(params string[] arguments)
    {
        if (Environment.UserName != "root") return false;
        using var mount = System.Diagnostics.Process.Start("mount", arguments);
        mount.WaitForExit();
        return mount.ExitCode == 0;
    }

    private static void SpoilWeights(Workspace each)
    {
        byte[] bytes = File.ReadAllBytes(each.UNet);
        BitConverter.GetBytes(float.NaN).CopyTo(bytes, bytes.Length - sizeof(float));
        File.WriteAllBytes(each.UNet, bytes);
    }

    private static void Spoil(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    private static void Truncate(string file)
    {
        using FileStream stream = File.OpenWrite(file);
        stream.SetLength(stream.Length / 2);
    }

    private static void Replace(string file, string part, string by)
    {
        string text = File.ReadAllText(file);
        Assert.Contains(part, text);
        File.WriteAllText(file, text.Replace(part, by, StringComparison.Ordinal));
    }

    private sealed record Case(Action<Workspace> Spoil, ExitClass ExitClass, params string[] Parts);
}
