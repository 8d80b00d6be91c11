using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Models.Images;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed class SampleTests(UninterruptedRun uninterrupted)
{
    [Fact]
    public void The_same_seed_draws_the_same_picture_and_another_seed_another()
    {
        using Workspace workspace = new();
        byte[] first = Draw(workspace, Path.Combine("new", "first.png"), "--seed", "5");
        Assert.Equal(first, Draw(workspace, "second.png", "--seed", "5"));
        Assert.NotEqual(first, Draw(workspace, "third.png", "--seed", "6"));
        RgbImage image = ImageDecoder.Decode(first);
        Assert.Equal((64, 64), (image.Width, image.Height));
    }

    [Fact]
    public void Several_pictures_are_numbered_and_named()
    {
        using Workspace workspace = new();
        Outcome outcome = DdpoProcess.Run(
            "sample", uninterrupted.Model, "-p", "a circle", "-p", "a square", "--count", "2", "--steps", "1", "-o", workspace.In("picture.png")).Ended(0);
        string[] files = [.. Enumerable.Range(1, 4).Select(number => workspace.In($"picture-{number}.png"))];
        Assert.Equal(files, outcome.Output);
        Assert.Equal(files, Directory.GetFiles(workspace.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Adapters_change_the_picture_by_their_strength()
    {
        using Workspace workspace = new();
        byte[] plain = Draw(workspace, "plain.png"), with = Draw(workspace, "with.png", "--lora", AdapterFile.Golden, "--lora-scale", "8");
        Assert.NotEqual(plain, with);
        Assert.Equal(plain, Draw(workspace, "without.png", "--lora", AdapterFile.Golden, "--lora-scale", "0"));
        DdpoProcess.Run("convert", uninterrupted.Model, workspace.In("merged"), "--lora", AdapterFile.Golden, "--lora-scale", "8").Ended(0);
        RgbImage merged = ImageDecoder.Decode(Draw(workspace, "merged.png", workspace.In("merged"), [])), adapted = ImageDecoder.Decode(with);
        Assert.All(merged.Pixels.Zip(adapted.Pixels), each => Assert.InRange(Math.Abs(each.First - each.Second), 0, 1));
    }

    [Fact]
    public void Adapters_of_another_base_or_model_and_several_are_refused()
    {
        using Workspace workspace = new();
        AdapterFile.OfAnotherBase(workspace.In("lora.safetensors"));
        Assert.Contains("belongs to a base model with the hash abc; this one has ", Refusal(78, uninterrupted.Model, "--lora", workspace.In("lora.safetensors")), StringComparison.Ordinal);
        Assert.Contains("such as unet.", Refusal(65, Shared.Goldens.Path("tiny-sdxl"), "--lora", AdapterFile.Golden), StringComparison.Ordinal);
        Assert.Contains("--lora", Refusal(64, uninterrupted.Model, "--lora", AdapterFile.Golden, "--lora", AdapterFile.Golden), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(workspace.Path, "*.png"));

        string Refusal(int code, string model, params string[] arguments) =>
            DdpoProcess.Run(["sample", model, "-p", "x", "--steps", "1", "-o", workspace.In("x.png"), .. arguments]).Ended(code).OneError();
    }

    [Theory]
    [InlineData(66, "/nonexistent", "-p", "x")]
    [InlineData(64, "MODEL", "-p", "x", "--count", "0")]
    [InlineData(64, "MODEL", "-p", "x", "--sampler", "magic")]
    [InlineData(64, "MODEL")]
    [InlineData(64, "MODEL", "-p", "x", "--width", "13")]
    [InlineData(64, "MODEL", "-p", "x", "--guidance-scale", "NaN")]
    [InlineData(64, "MODEL", "-p", "x", "--device", "tpu")]
    [InlineData(64, "MODEL", "-p", "x", "--steps", "1", "-o", "/tmp")]
    [InlineData(74, "MODEL", "-p", "x", "--steps", "1", "-o", "/proc/ddpo/picture.png")]
    public void Bad_arguments_are_one_line(int code, params string[] arguments) =>
        Assert.NotEmpty(DdpoProcess.Run(["sample", .. arguments.Select(each => each == "MODEL" ? uninterrupted.Model : each)]).Ended(code).OneError());

    private byte[] Draw(Workspace workspace, string name, params string[] arguments) => Draw(workspace, name, uninterrupted.Model, arguments);

    private static byte[] Draw(Workspace workspace, string name, string model, string[] arguments)
    {
        string path = workspace.In(name);
        Outcome outcome = DdpoProcess.Run(["sample", model, "--prompt", "a circle", "--steps", "2", "--output", path, .. arguments]).Ended(0);
        Assert.Equal([path], outcome.Output);
        Assert.Empty(outcome.Errors);
        return File.ReadAllBytes(path);
    }
}
