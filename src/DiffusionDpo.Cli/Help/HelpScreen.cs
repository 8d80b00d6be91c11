using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using DiffusionDpo.Cli.Display;

namespace DiffusionDpo.Cli.Help;

/// <summary>What <c>--help</c> does.</summary>
internal sealed class HelpScreen : SynchronousCommandLineAction
{
    /// <summary>Takes the place of the library's help for all commands.</summary>
    /// <param name="root">The commands.</param>
    public static void AddTo(RootCommand root)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Description = "Show this help.";
        option.Action = new HelpScreen();
        foreach (string ofDos in option.Aliases.Where(alias => alias.StartsWith('/')).ToArray()) option.Aliases.Remove(ofDos);
        root.Options.OfType<VersionOption>().Single().Description = "Show the version.";
    }

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.Write(new HelpPage(parseResult.CommandResult.Command, TextWidth.OfOutput, Colours.OfOutput).Render());
        return 0;
    }
}
