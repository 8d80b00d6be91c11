using System.Text.Json.Nodes;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed class ConvertTests : IDisposable
{
    private const string UNet = "unet/diffusion_pytorch_model.safetensors";

    private readonly Workspace _work = new();

    private static string Xl => Goldens.Path("tiny-sdxl");

    private static string Sd => Goldens.Path("tiny-sd15");

    public void Dispose() => _work.Dispose();

    [Fact]
    public void A_model_becomes_a_file_and_a_directory_again()
    {
        Outcome there = DdpoProcess.Run("convert", Xl, _work.In("out", "xl.safetensors")).Ended(0);
        Assert.Equal($"{_work.In("out", "xl.safetensors")}: the model in one file, 695 tensors, 3.1 MiB", Assert.Single(there.Output));
        Assert.Empty(there.Errors);
        Outcome back = DdpoProcess.Run("convert", _work.In("out", "xl.safetensors"), _work.In("back"), "--like", Xl).Ended(0);
        Assert.Equal($"{_work.In("back")}: model in diffusers layout like {Xl}, 711 tensors, 3.1 MiB", Assert.Single(back.Output));
        Assert.Equal(Contents(Xl), Contents(_work.In("back")));
        Assert.Empty(_work.HalfWritten());
    }

    [Fact]
    public void Precision_is_as_asked()
    {
        DdpoProcess.Run("convert", Xl, _work.In("half"), "--precision", "fp16", "--vae-precision", "bf16").Ended(0);
        Assert.Contains("× Float16", Types(_work.In("half", "unet", "diffusion_pytorch_model.safetensors")), StringComparison.Ordinal);
        Assert.Contains("× BFloat16", Types(_work.In("half", "vae", "diffusion_pytorch_model.safetensors")), StringComparison.Ordinal);
        DdpoProcess.Run("convert", _work.In("half"), _work.In("half.safetensors")).Ended(0);
        DdpoProcess.Run("convert", _work.In("half.safetensors"), _work.In("wide.safetensors"), "--precision", "fp32", "--like", Xl).Ended(0);
        Assert.Contains("695 × Float32", Types(_work.In("wide.safetensors")), StringComparison.Ordinal);
    }

    [Fact]
    public void Adapters_are_merged_and_found_again()
    {
        Outcome merged = DdpoProcess.Run("convert", Sd, _work.In("merged"), "--lora", AdapterFile.Golden).Ended(0);
        Assert.StartsWith($"{_work.In("merged")}: model in diffusers layout with {AdapterFile.Golden} merged (0.0 % of what they change is lost to rounding), ", Assert.Single(merged.Output), StringComparison.Ordinal);
        Outcome found = DdpoProcess.Run("convert", _work.In("merged"), _work.In("found.safetensors"), "--extract-lora", Sd, "--rank", "4", "--naming", "kohya").Ended(0);
        Assert.Equal(89, found.Output.Length);
        Assert.Matches(@"^  down_blocks\.0\.attentions\.0\.transformer_blocks\.0\.attn1\.to_k: rank 4, 0\.00 ?% lost of a change of ", found.Output[0]);
        Assert.Matches($"^{_work.In("found.safetensors")}: adapters of 88 layers; 0\\.00 ?% of the change is lost$", found.Output[^1]);
        DdpoProcess.Run("convert", Sd, _work.In("again.safetensors"), "--lora", _work.In("found.safetensors")).Ended(0);
        DdpoProcess.Run("convert", _work.In("again.safetensors"), _work.In("again"), "--like", Sd).Ended(0);
        using SafetensorsFile expected = SafetensorsFile.Open(_work.In("merged", "unet", "diffusion_pytorch_model.safetensors"));
        using SafetensorsFile actual = SafetensorsFile.Open(_work.In("again", "unet", "diffusion_pytorch_model.safetensors"));
        Assert.All(expected.Entries.Keys, name => Assert.InRange(Goldens.RelativeL2(actual.GetTensor(name), expected.GetTensor(name)), 0, 1e-6));
        Assert.NotEqual(Contents(Sd), Contents(_work.In("merged")));
    }

    [Fact]
    public void Adapters_get_other_names()
    {
        Outcome outcome = DdpoProcess.Run("convert", AdapterFile.Golden, _work.In("kohya.safetensors"), "--naming", "kohya", "--precision", "bf16").Ended(0);
        Assert.StartsWith($"{_work.In("kohya.safetensors")}: adapters of 88 layers in kohya names, 264 tensors, ", Assert.Single(outcome.Output), StringComparison.Ordinal);
        Assert.Contains("176 × BFloat16", Types(_work.In("kohya.safetensors")), StringComparison.Ordinal);
        Assert.Contains("--like MODEL", DdpoProcess.Run("convert", _work.In("kohya.safetensors"), _work.In("back.safetensors"), "--naming", "diffusers").Ended(64).OneError(), StringComparison.Ordinal);
        DdpoProcess.Run("convert", _work.In("kohya.safetensors"), _work.In("back.safetensors"), "--naming", "diffusers", "--like", Sd).Ended(0);
        Assert.Contains("176 × BFloat16", Types(_work.In("back.safetensors")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_plain_tensors_of_a_pickle_become_a_file()
    {
        string weight = PickleText.Tensor(PickleText.Storage("FloatStorage", "0", 6), [2, 3], [3, 1]);
        File.WriteAllBytes(_work.In("head.pth"), PickleText.Archive(PickleText.Pickle(PickleText.State(("layers.0.weight", weight))), ("0", PickleText.Floats(1, 2, 3, 4, 5, 6))));
        Outcome outcome = DdpoProcess.Run("convert", _work.In("head.pth"), _work.In("out", "head.safetensors"), "--precision", "bf16").Ended(0);
        Assert.Equal($"{_work.In("out", "head.safetensors")}: the plain tensors of {_work.In("head.pth")}, 1 tensors, 0.0 KiB", Assert.Single(outcome.Output));
        using SafetensorsFile written = SafetensorsFile.Open(_work.In("out", "head.safetensors"));
        Assert.Equal([2L, 3], written.GetTensor("layers.0.weight").shape);
        Assert.Contains("1 × BFloat16", Types(_work.In("out", "head.safetensors")), StringComparison.Ordinal);
    }

    public static TheoryData<int, string, string[]> Mistakes => new()
    {
        { 65, "WORK/evil.pth is refused: it names 'os.system', which plain tensors do not need", ["WORK/evil.pth", "WORK/out.safetensors"] },
        { 65, "WORK/model.ckpt is refused: it is not the archive that PyTorch writes since version 1.6", ["WORK/model.ckpt", "WORK/out.safetensors"] },
        { 64, "--like: a file of a pickle's tensors needs none; leave it away", ["WORK/evil.pth", "WORK/out.safetensors", "--like", "XL"] },
        { 66, "WORK/none: no such file or directory", ["WORK/none", "WORK/out"] },
        { 64, "WORK/there is there already; remove it, or name another TARGET", ["XL", "WORK/there"] },
        { 64, "WORK/out would be a copy; give --precision", ["XL", "WORK/out"] },
        { 64, "WORK/out.ckpt: only .safetensors files are written", ["XL", "WORK/out.ckpt"] },
        { 64, "WORK/model.ckpt is a pickle, which could run code when it is read", ["WORK/model.ckpt", "WORK/out"] },
        { 64, "--tokenizer: a single file needs none", ["XL", "WORK/out.safetensors", "--tokenizer", "XL"] },
        { 64, "--like has a tokenizer already; leave --tokenizer away", ["WORK/xl.safetensors", "WORK/out", "--like", "XL", "--tokenizer", "XL"] },
        { 64, "the autoencoder of this family overflows in fp16 (black images); give --vae-precision fp32 or bf16", ["XL", "WORK/out.safetensors", "--precision", "fp16"] },
        { 64, "its UNet has another size than any of sd15, sd21, sdxl, sdxl-refiner; give --like MODEL", ["WORK/xl.safetensors", "WORK/out", "--tokenizer", "XL"] },
        { 65, "no name in it begins with model.diffusion_model.", ["XL/" + UNet, "WORK/out"] },
        { 65, "WORK/cut.safetensors is not a sound safetensors file", ["WORK/cut.safetensors", "WORK/out", "--like", "XL"] },
        { 65, "WORK/xl.safetensors is no whole model like SD: it has no cond_stage_model.transformer.* (text_encoder)", ["WORK/xl.safetensors", "WORK/out", "--like", "SD"] },
        { 66, "WORK/there is no model", ["WORK/there", "WORK/out.safetensors"] },
        { 78, "LORA-OF-ANOTHER belongs to a base model with the hash abc; this one has ", ["SD", "WORK/out", "--lora", "LORA-OF-ANOTHER"] },
        { 65, "adapters for layers that this UNet has not, such as", ["XL", "WORK/out", "--lora", "LORA"] },
        { 65, "LORA holds low-rank adapters and no model; merge them into one by ddpo convert MODEL TARGET --lora LORA", ["LORA", "WORK/out.safetensors"] },
        { 64, "--lora: adapters are merged into a model directory; convert the file to one first", ["WORK/xl.safetensors", "WORK/out", "--like", "XL", "--lora", "LORA"] },
        { 64, "--lora-scale: give a number, together with --lora", ["SD", "WORK/out.safetensors", "--lora-scale", "2"] },
        { 64, "--naming: SOURCE and TARGET are files of adapters", ["SD", "WORK/out.safetensors", "--naming", "kohya"] },
        { 65, "WORK/xl.safetensors holds no low-rank adapters of a UNet, but 695 tensors such as", ["WORK/xl.safetensors", "WORK/out.safetensors", "--naming", "kohya"] },
        { 66, "WORK/none", ["SD", "WORK/out", "--lora", "WORK/none"] },
        { 64, "--extract-lora: SOURCE is a model directory, and TARGET a file", ["SD", "WORK/out", "--extract-lora", "SD"] },
        { 64, "--rank: only adapters that are extracted get a rank", ["SD", "WORK/out.safetensors", "--rank", "4"] },
        { 64, "--vae-precision: a file of adapters has no autoencoder; leave it away", ["LORA", "WORK/out.safetensors", "--naming", "kohya", "--vae-precision", "fp16"] },
        { 64, "--rank: give 1 or more", ["SD", "WORK/out.safetensors", "--extract-lora", "SD", "--rank", "0"] },
        { 64, "no layer of SD differs from SD", ["SD", "WORK/out.safetensors", "--extract-lora", "SD"] },
        { 65, "does not fit unet: ", ["XL", "WORK/out.safetensors", "--extract-lora", "SD"] },
        { 74, "/proc/ddpo/out.safetensors cannot be written", ["XL", "/proc/ddpo/out.safetensors"] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Mistakes_get_one_line_and_nothing_is_written(int exitCode, string expected, string[] arguments)
    {
        DdpoProcess.Run("convert", Xl, _work.In("xl.safetensors")).Ended(0);
        File.WriteAllBytes(_work.In("cut.safetensors"), File.ReadAllBytes(_work.In("xl.safetensors"))[..^100]);
        File.WriteAllText(_work.In("model.ckpt"), "");
        File.WriteAllBytes(_work.In("evil.pth"), PickleText.Archive(PickleText.Pickle($"cos\nsystem\n({PickleText.Text($"touch {_work.In("there", "harm")}")}tR")));
        _work.Copy(Xl, "there/model");
        AdapterFile.OfAnotherBase(_work.In("another.safetensors"));
        string[] before = Workspace.Snapshot(_work.Path);
        Outcome outcome = DdpoProcess.Run(["convert", .. arguments.Select(Named)]).Ended(exitCode);
        Assert.Contains(Named(expected), outcome.OneError(), StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
        Assert.Equal(before, Workspace.Snapshot(_work.Path));
    }

    [Fact]
    public void A_full_disk_leaves_nothing()
    {
        using DdpoProcess process = DdpoProcess.Start(
            "bash", ["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$0\" \"$@\"", DdpoProcess.Executable, "convert", Xl, _work.In("xl.safetensors")], ("DOTNET_EnableWriteXorExecute", "0"));
        Assert.Contains($"{_work.In("xl.safetensors")} cannot be written", process.WaitForExit().Ended(74).OneError(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_work.Path));
    }

    [Theory]
    [InlineData(DdpoProcess.Interrupt)]
    [InlineData(DdpoProcess.Terminate)]
    public void A_conversion_that_is_stopped_leaves_nothing(int signal)
    {
        string model = Wide(), partial = _work.In("out", ".wide.safetensors.partial");
        using DdpoProcess process = DdpoProcess.Start("convert", model, _work.In("out", "wide.safetensors"));
        Assert.True(process.WaitUntil(() => File.Exists(partial) && new FileInfo(partial).Length > 0), "the conversion was over too soon for this test");
        process.Send(signal);
        Outcome outcome = process.WaitForExit().Ended(86);
        Assert.Equal($"stopped: {_work.In("out", "wide.safetensors")} was not written", outcome.OneError());
        Assert.Empty(Directory.GetFileSystemEntries(_work.In("out")));
    }

    /// <summary>The tiny model with a text encoder of so many numbers that writing them takes a while; they are a hole on the disk.</summary>
    private string Wide()
    {
        const int Width = 1_000_000;
        string model = _work.Copy(Goldens.Path("tiny-sd15"), "wide"), config = Path.Combine(model, "text_encoder", "config.json"), weights = Path.Combine(model, "text_encoder", "model.safetensors");
        JsonObject outline = JsonNode.Parse(File.ReadAllText(config))!.AsObject();
        outline["intermediate_size"] = Width;
        File.WriteAllText(config, outline.ToJsonString());
        using SafetensorsFile file = SafetensorsFile.Open(weights);
        (string, long[])[] tensors = [.. file.Entries.Values.Where(entry => !entry.Name.EndsWith("position_ids", StringComparison.Ordinal)).Select(entry => (entry.Name, entry.Name.Split('.')[^2..] switch
        {
            ["fc1", "weight"] => [Width, entry.Shape[1]],
            ["fc1", "bias"] => [Width],
            ["fc2", "weight"] => [entry.Shape[0], Width],
            _ => (long[])[.. entry.Shape],
        }))];
        SparseFile.Write(weights, tensors);
        return model;
    }

    private string Named(string text) => text.Replace("WORK", _work.Path, StringComparison.Ordinal).Replace("XL", Xl, StringComparison.Ordinal)
        .Replace("LORA-OF-ANOTHER", _work.In("another.safetensors"), StringComparison.Ordinal).Replace("LORA", AdapterFile.Golden, StringComparison.Ordinal)
        .Replace("SD", Sd, StringComparison.Ordinal);

    private static string Types(string file) => DdpoProcess.Run("inspect", file).Ended(0).Output.Single(line => line.TrimStart().StartsWith("types ", StringComparison.Ordinal));

    private static string[] Contents(string directory) => [.. Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(file => $"{Path.GetRelativePath(directory, file)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}")];
}
