using DiffusionDpo.Cli.Tests.Processes;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed class HelpTests
{
    [Theory]
    [InlineData("run", "<FILE>", "--open", "--port", "--bind", "--json", "--threads", "--previous-checkpoint", "--resume-before")]
    [InlineData("validate", "<FILE>...")]
    [InlineData("train", "--run-file", "--termination-log", "--port", "--bind", "--json", "--threads", "--previous-checkpoint", "--resume-before")]
    [InlineData("sample", "<MODEL>", "--prompt", "--negative-prompt", "--output", "--count", "--steps", "--guidance-scale", "--sampler", "--seed", "--width", "--height")]
    [InlineData("inspect", "<PATH>", "--tensors")]
    [InlineData("report", "<DIR>")]
    public void Help_of_a_command_names_every_option_and_shows_an_example(string command, params string[] names)
    {
        Outcome outcome = DdpoProcess.Run(command, "--help").Ended(0);
        Assert.Empty(outcome.Errors);
        string[] options = [.. outcome.Output.SkipWhile(line => line != "Options:").Skip(1).TakeWhile(line => line.Length > 0)
            .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => word.StartsWith("--", StringComparison.Ordinal)).Take(1))];
        Assert.Equal([.. names.Where(name => name.StartsWith('-')), "--help"], options);
        Assert.Contains(names[0], string.Join('\n', outcome.Output), StringComparison.Ordinal);
        int example = Array.IndexOf(outcome.Output, "Example:");
        Assert.StartsWith($"  ddpo {command} ", outcome.Output[example + 1], StringComparison.Ordinal);
    }

    [Fact]
    public void Help_of_the_program_names_every_command()
    {
        string text = string.Join('\n', DdpoProcess.Run("--help").Ended(0).Output);
        Assert.All((string[])["run <FILE>", "validate <FILE>", "train", "sample <MODEL>", "inspect <PATH>", "report <DIR>"], command => Assert.Contains($"  {command} ", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("error: unknown option '--jsonn'; did you mean --json?; see ddpo run --help", "run", "finetune.yaml", "--jsonn")]
    [InlineData("error: unknown option '--jsonn'; did you mean --json?; see ddpo run --help", "run", "--jsonn", "finetune.yaml")]
    [InlineData("error: unknown option '--tensor'; did you mean --tensors?; see ddpo inspect --help", "inspect", "--tensor")]
    [InlineData("error: unknown command 'rum'; did you mean run?; see ddpo --help", "rum")]
    [InlineData("error: Required command was not provided; see ddpo --help")]
    [InlineData("error: Required argument 'FILE' missing for command: 'run'; see ddpo run --help", "run")]
    [InlineData("error: Option '--run-file' is required; see ddpo train --help", "train")]
    [InlineData("error: --port: give 0 to 65535; see ddpo run --help", "run", "finetune.yaml", "--port", "65536")]
    [InlineData("error: --threads: give 1 or more; see ddpo run --help", "run", "finetune.yaml", "--threads", "0")]
    [InlineData("error: Cannot parse argument 'many' for option '--threads' as a number; see ddpo run --help", "run", "finetune.yaml", "--threads", "many")]
    [InlineData("error: --bind: give an IP address; see ddpo run --help", "run", "finetune.yaml", "--bind", "here")]
    public void Wrong_arguments_are_one_line(string expected, params string[] arguments)
    {
        Outcome outcome = DdpoProcess.Run(arguments).Ended(64);
        Assert.Equal(expected, outcome.OneError());
        Assert.Empty(outcome.Output);
    }
}
