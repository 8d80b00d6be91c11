using System.Diagnostics;
using DiffusionDpo.Cli.Completion;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

/// <summary>A real bash, with the script that the program prints, completes real lines.</summary>
public sealed class CompletionsTests
{
    [Theory]
    [InlineData("ddpo ru", "run")]
    [InlineData("ddpo va", "validate")]
    [InlineData("ddpo run --dry", "--dry-run")]
    [InlineData("ddpo run finetune.yaml --p", "--port --previous-checkpoint")]
    [InlineData("ddpo init --family sd", "sd15 sdxl")]
    [InlineData("ddpo completions ba", "bash")]
    [InlineData("ddpo explain training.obj", "training.objective training.objective.type training.objective.beta training.objective.labelSmoothing training.objective.winnerAnchor training.objective.safeguard training.objective.safeguardMargin training.objective.marginWeight")]
    [InlineData("ddpo sample model --sampler eu", "euler")]
    [InlineData("ddpo convert model out --precision ", "fp32 bf16 fp16")]
    [InlineData("ddpo run ", "")]
    [InlineData("ddpo run fine", "")]
    public void Bash_completes(string line, string expected)
    {
        const string Script = """
            export PATH="$1:$PATH"
            source <(ddpo completions bash)
            COMP_LINE=$2 COMP_POINT=${#2}
            read -ra COMP_WORDS <<< "$2"
            [[ $2 == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _ddpo
            echo "${COMPREPLY[*]}"
            complete -p ddpo
            """;
        using DdpoProcess bash = DdpoProcess.Start("bash", ["-c", Script, "bash", Path.GetDirectoryName(DdpoProcess.Executable)!, line]);
        Outcome outcome = bash.WaitForExit().Ended(0);
        Assert.Equal(expected.Split(' ').Order(StringComparer.Ordinal), outcome.Output[0].Split(' ').Order(StringComparer.Ordinal));
        Assert.Equal("complete -o default -F _ddpo ddpo", outcome.Output[1]);
        Assert.Empty(outcome.Errors);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void Every_shell_that_is_here_accepts_its_script(string shell)
    {
        Assert.Equal(CompletionScripts.All[shell].TrimEnd('\n').Split('\n'), DdpoProcess.Run("completions", shell).Ended(0).Output);
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(place => File.Exists(Path.Combine(place, shell))), $"{shell} is not installed");
        using Workspace workspace = new();
        File.WriteAllText(workspace.In("script"), CompletionScripts.All[shell]);
        using Process parser = Process.Start(shell, ["-n", workspace.In("script")]);
        parser.WaitForExit();
        Assert.Equal(0, parser.ExitCode);
    }
}
