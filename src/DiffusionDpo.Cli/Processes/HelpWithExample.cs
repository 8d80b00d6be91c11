using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace DiffusionDpo.Cli.Processes;

/// <summary>The library's help, followed by an example of the command.</summary>
/// <param name="help">The library's help.</param>
internal sealed class HelpWithExample(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string> s_examples = new()
    {
        ["run"] = "ddpo run finetune.yaml --threads 8 --port 9400",
        ["validate"] = "ddpo validate finetune.yaml other.yaml",
        ["train"] = "ddpo train --run-file /runs/sd15/run.json --termination-log /dev/termination-log",
        ["sample"] = "ddpo sample /runs/sd15/model --prompt \"a lighthouse at dusk\" --count 4 --output lighthouse.png",
        ["report"] = "ddpo report /runs/sd15",
        ["inspect"] = "ddpo inspect /runs/sd15/checkpoints/step-00000100 --tensors",
    };

    /// <summary>Shows examples in the help of all commands.</summary>
    /// <param name="root">The commands.</param>
    public static void AddTo(RootCommand root)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExample((HelpAction)option.Action!);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        string example = s_examples.GetValueOrDefault(parseResult.CommandResult.Command.Name, s_examples["run"]);
        parseResult.InvocationConfiguration.Output.WriteLine($"Example:\n  {example}\n");
        return code;
    }
}
