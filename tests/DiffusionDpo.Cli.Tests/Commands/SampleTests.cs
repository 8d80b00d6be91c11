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
        byte[] first = Draw(workspace, "first.png", "--seed", "5");
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

    [Theory]
    [InlineData(66, "/nonexistent", "-p", "x")]
    [InlineData(64, "MODEL", "-p", "x", "--count", "0")]
    [InlineData(64, "MODEL", "-p", "x", "--sampler", "magic")]
    [InlineData(64, "MODEL")]
    [InlineData(64, "MODEL", "-p", "x", "--width", "13")]
    [InlineData(74, "MODEL", "-p", "x", "--steps", "1", "-o", "/nonexistent/picture.png")]
    public void Bad_arguments_are_one_line(int code, params string[] arguments) =>
        Assert.NotEmpty(DdpoProcess.Run(["sample", .. arguments.Select(each => each == "MODEL" ? uninterrupted.Model : each)]).Ended(code).OneError());

    private byte[] Draw(Workspace workspace, string name, params string[] arguments)
    {
        string path = workspace.In(name);
        Outcome outcome = DdpoProcess.Run(["sample", uninterrupted.Model, "--prompt", "a circle", "--steps", "2", "--output", path, .. arguments]).Ended(0);
        Assert.Equal([path], outcome.Output);
        Assert.Empty(outcome.Errors);
        return File.ReadAllBytes(path);
    }
}
