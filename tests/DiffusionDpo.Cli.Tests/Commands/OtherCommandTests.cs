using System.Text.Json.Nodes;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Data.Images;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed class OtherCommandTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void Validate_reports_every_file_and_every_problem()
    {
        workspace.Write("bad.yaml", workspace.Yaml.Replace("globalBatch: 4", "globalBatch: 0", StringComparison.Ordinal).Replace("steps: 6", "steps: 6\n    stepz: 6", StringComparison.Ordinal));
        Outcome outcome = workspace.Ddpo("validate", "bad.yaml", "finetune.yaml").Expect(ExitClass.ConfigurationError);
        Assert.Equal(["finetune.yaml: valid"], outcome.Output);
        Assert.Equal(2, outcome.Errors.Count);
        Assert.Contains("spec.training.stepz: is not a known key", outcome.AllErrors);
        workspace.Ddpo("validate", "finetune.yaml").Expect(ExitClass.Succeeded);
        workspace.Ddpo("validate", "nowhere.yaml").ExpectOneLine(ExitClass.InputMissing, "nowhere.yaml");
    }

    [Fact]
    public void Inspect_tells_what_a_model_a_weights_file_and_a_checkpoint_hold()
    {
        workspace.Ddpo("run", "finetune.yaml").Expect(ExitClass.Succeeded);
        Assert.Contains("StableDiffusionPipeline", workspace.Ddpo("inspect", "run/model").Expect(ExitClass.Succeeded).AllOutput);
        Assert.Contains("conv_in.weight", workspace.Ddpo("inspect", workspace.UNet, "--tensors").Expect(ExitClass.Succeeded).AllOutput);
        Assert.Matches(@"\b6\b", workspace.Ddpo("inspect", "run/checkpoints/step-00000006").Expect(ExitClass.Succeeded).AllOutput);
        workspace.Ddpo("inspect", "train.parquet").ExpectOneLine(ExitClass.UserError, "train.parquet", "neither");
        workspace.Ddpo("inspect", "nowhere").ExpectOneLine(ExitClass.InputMissing, "nowhere");
    }

    [Fact]
    public void Sample_draws_the_same_image_for_the_same_seed()
    {
        string[] arguments = ["sample", "model", "--prompt", "a red circle", "--steps", "2", "--width", "64", "--height", "32"];
        Assert.Equal(["one.png"], workspace.Ddpo([.. arguments, "--output", "one.png"]).Expect(ExitClass.Succeeded).Output);
        workspace.Ddpo([.. arguments, "--output", "two.png", "--count", "2"]).Expect(ExitClass.Succeeded);
        Assert.Equal(File.ReadAllBytes(workspace.At("one.png")), File.ReadAllBytes(workspace.At("two-1.png")));
        Assert.NotEqual(File.ReadAllBytes(workspace.At("two-1.png")), File.ReadAllBytes(workspace.At("two-2.png")));
        Assert.Equal((64, 32), ImageDecoder.Decode(File.ReadAllBytes(workspace.At("one.png"))) is var image ? (image.Width, image.Height) : default);
        workspace.Ddpo("sample", "nowhere", "--prompt", "x").ExpectOneLine(ExitClass.InputMissing, "nowhere");
        workspace.Ddpo("sample", "model", "--prompt", "x", "--width", "63").ExpectOneLine(ExitClass.UserError, "63");
    }

    [Theory]
    [InlineData("run", "FILE", "--port", "--bind", "--json", "--threads", "--previous-checkpoint", "ddpo run finetune.yaml")]
    [InlineData("train", "--run-file", "--termination-log", "--port", "--json", "ddpo train --run-file")]
    [InlineData("validate", "FILE", "ddpo validate")]
    [InlineData("inspect", "PATH", "--tensors", "ddpo inspect")]
    [InlineData("sample", "MODEL", "--prompt", "--output", "--count", "--steps", "--guidance-scale", "--sampler", "--seed", "--width", "--height", "ddpo sample")]
    public void Help_names_every_option_and_gives_an_example(string command, params string[] parts)
    {
        Outcome outcome = workspace.Ddpo(command, "--help").Expect(ExitClass.Succeeded);
        Assert.All(parts, part => Assert.Contains(part, outcome.AllOutput));
        Assert.Contains("Example", outcome.AllOutput);
    }

    [Theory]
    [InlineData("run", "finetune.yaml", "--prot", "1")]
    [InlineData("run", "finetune.yaml", "--port", "70000")]
    [InlineData("run", "finetune.yaml", "--threads", "0")]
    [InlineData("train")]
    [InlineData("walk")]
    public void Wrong_arguments_are_a_user_error_that_points_to_the_help(params string[] arguments)
    {
        Outcome outcome = workspace.Ddpo(arguments).Expect(ExitClass.UserError);
        Assert.All(outcome.Errors.SkipLast(1), line => Assert.StartsWith("error: ", line));
        Assert.Matches("^see: ddpo .*--help$", outcome.Errors[^1]);
        if (arguments.Contains("--prot")) Assert.Contains("did you mean --port?", outcome.AllErrors);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public async Task The_port_answers_while_the_run_goes_on()
    {
        using DdpoProcess process = workspace.Start("run", "finetune.yaml", "--json", "--port", "0");
        string address = ((string)process.WaitForEvent("status")["message"]!).Split("/status")[0];
        process.WaitForStep(1);
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        CancellationToken stop = TestContext.Current.CancellationToken;
        JsonNode status = JsonNode.Parse(await client.GetStringAsync(new Uri("/status", UriKind.Relative), stop))!;
        Assert.Equal(Workspace.Steps, (int?)status["progress"]!["totalSteps"]);
        Assert.Contains("dpo_train_step ", await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), stop));
        Assert.Equal("ok\n", await client.GetStringAsync(new Uri("/healthz", UriKind.Relative), stop));
        process.End().Expect(ExitClass.Succeeded);
    }
}
