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

    public static TheoryData<int, string, string[]> Mistakes => new()
    {
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
        { 74, "/proc/ddpo/out.safetensors cannot be written", ["XL", "/proc/ddpo/out.safetensors"] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Mistakes_get_one_line_and_nothing_is_written(int exitCode, string expected, string[] arguments)
    {
        DdpoProcess.Run("convert", Xl, _work.In("xl.safetensors")).Ended(0);
        File.WriteAllBytes(_work.In("cut.safetensors"), File.ReadAllBytes(_work.In("xl.safetensors"))[..^100]);
        File.WriteAllText(_work.In("model.ckpt"), "");
        _work.Copy(Xl, "there/model");
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
        .Replace("SD", Goldens.Path("tiny-sd15"), StringComparison.Ordinal);

    private static string Types(string file) => DdpoProcess.Run("inspect", file).Ended(0).Output.Single(line => line.TrimStart().StartsWith("types ", StringComparison.Ordinal));

    private static string[] Contents(string directory) => [.. Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(file => $"{Path.GetRelativePath(directory, file)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}")];
}
