using System.CommandLine;
using TorchSharp;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>--threads</c>, of every command that computes with networks.</summary>
internal sealed class ThreadsOption : Option<int?>
{
    /// <summary>The option.</summary>
    public ThreadsOption()
        : base("--threads")
    {
        Description = "CPU threads of the networks. Default: all cores that this process may use.";
        Validators.Add(result =>
        {
            if (result.Tokens.Any(token => int.TryParse(token.Value, out int number) && number < 1)) result.AddError("--threads: give 1 or more");
        });
    }

    /// <summary>Sets the threads of the networks.</summary>
    /// <param name="parsed">The command line.</param>
    public void Apply(ParseResult parsed)
    {
        // libtorch counts the machine's processors, the runtime those that a container may use: threads without one wait for each other in loops
        torch.set_num_threads(parsed.GetValue(this) ?? Math.Min(torch.get_num_threads(), Environment.ProcessorCount));
    }
}
