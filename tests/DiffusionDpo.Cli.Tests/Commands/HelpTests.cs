using System.CommandLine;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Help;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Cli.Tests.Processes;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed class HelpTests
{
    private static readonly Command[] Commands = [Program.Commands(), .. Program.Commands().Subcommands];

    [Theory]
    [InlineData("run", "<FILE>", "--dry-run", "--measure", "--open", "--port", "--bind", "--json", "--threads", "--previous-checkpoint", "--resume-before", "--ignore-memory-plan")]
    [InlineData("init", "init", "--family", "--storage", "--preset", "--output", "--force")]
    [InlineData("explain", "[FIELD]", "--markdown")]
    [InlineData("report", "<DIR>")]
    [InlineData("completions", "<SHELL>")]
    [InlineData("validate", "<FILE>...", "--plan")]
    [InlineData("train", "--run-file", "--termination-log", "--port", "--bind", "--json", "--threads", "--previous-checkpoint", "--resume-before", "--ignore-memory-plan")]
    [InlineData("score", "<IMAGE>...", "--scorer", "--model", "--head", "--prompt", "--device", "--threads")]
    [InlineData("sample", "<MODEL>", "--prompt", "--negative-prompt", "--output", "--count", "--steps", "--guidance-scale", "--sampler", "--seed", "--width", "--height", "--refiner", "--refiner-start", "--lora", "--lora-scale", "--device", "--threads")]
    [InlineData("inspect", "<PATH>", "--tensors")]
    [InlineData("convert", "<TARGET>", "--precision", "--vae-precision", "--tokenizer", "--like", "--lora", "--lora-scale", "--naming", "--extract-lora", "--rank")]
    public void Help_of_a_command_names_every_option_and_shows_an_example(string command, params string[] names)
    {
        Outcome outcome = DdpoProcess.Run(command, "--help").Ended(0);
        Assert.Empty(outcome.Errors);
        string[] options = [.. outcome.Output.SkipWhile(line => line != "Options:").Skip(1).TakeWhile(line => line.Length > 0)
            .Where(line => line.StartsWith("  -", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => word.StartsWith("--", StringComparison.Ordinal)).Take(1))];
        Assert.Equal([.. names.Where(name => name.StartsWith('-')), "--help"], options);
        Assert.Contains(names[0], string.Join('\n', outcome.Output), StringComparison.Ordinal);
        Assert.Equal("", outcome.Output[Array.IndexOf(outcome.Output, "Examples:") - 1]);
        string[] examples = [.. outcome.Output.SkipWhile(line => line != "Examples:").Skip(1).TakeWhile(line => line.Length > 0)];
        Assert.Contains(examples, line => line.Contains($"ddpo {command}", StringComparison.Ordinal));
        Assert.Contains("docs/exit-codes.md", string.Join(' ', outcome.Output), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public void No_line_of_help_is_longer_than_the_width_and_the_width_is_used(int width) => Assert.All(Commands, command =>
    {
        string[] lines = new HelpPage(command, width, new Colours(areSeen: false)).Render().Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        if (width < 120) Assert.Contains(lines, line => line.Length > width * 3 / 4);
    });

    [Fact]
    public void Columns_are_as_many_as_the_environment_says()
    {
        using DdpoProcess process = DdpoProcess.Start(DdpoProcess.Executable, ["run", "--help"], ("COLUMNS", "64"));
        Assert.InRange(process.WaitForExit().Ended(0).Output.Max(line => line.Length), 55, 64);
    }

    [Fact]
    public void Where_the_width_is_unknown_it_is_80() => Assert.InRange(DdpoProcess.Run("run", "--help").Output.Max(line => line.Length), 70, 80);

    [Fact]
    public void Examples_of_help_are_commands_that_are_understood() => Assert.All(HelpNotes.All.Values.SelectMany(note => note.Examples), example =>
    {
        string[] words = [.. example.Line.Split(["&&", ">", ")"], StringSplitOptions.None)[0].Replace("source <(", "", StringComparison.Ordinal).Split('"')
            .SelectMany((part, index) => index % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal("ddpo", words[0]);
        RootCommand root = Program.Commands();
        Assert.Empty(UsageErrors.Of(root.Parse(words[1..])));
    });

    [Fact]
    public void Help_of_the_program_names_every_command()
    {
        string text = string.Join('\n', DdpoProcess.Run("--help").Ended(0).Output);
        Assert.All((string[])["init", "run <FILE>", "validate <FILE>...", "train", "sample <MODEL>", "score <IMAGE>...", "inspect <PATH>", "convert <SOURCE> <TARGET>", "report <DIR>", "explain [FIELD]", "completions <SHELL>"], command => Assert.Contains($"\n  {command} ", text, StringComparison.Ordinal));
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
    [InlineData("error: --measure: give it together with --dry-run; see ddpo run --help", "run", "finetune.yaml", "--measure")]
    [InlineData("error: --bind: give an IP address; see ddpo run --help", "run", "finetune.yaml", "--bind", "here")]
    public void Wrong_arguments_are_one_line(string expected, params string[] arguments)
    {
        Outcome outcome = DdpoProcess.Run(arguments).Ended(64);
        Assert.Equal(expected, outcome.OneError());
        Assert.Empty(outcome.Output);
    }
}
