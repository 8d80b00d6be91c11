using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Stages;
using DiffusionDpo.Training.Status;

namespace DiffusionDpo.Cli.Commands;

/// <summary>The options that <c>run</c> and <c>train</c> share.</summary>
internal sealed class TrainerOptions
{
    /// <summary>Name of the option that asks for JSON lines.</summary>
    public const string JsonName = "--json";

    /// <summary>Port of /metrics and /status.</summary>
    public Option<int?> Port { get; } = new("--port") { Description = "Serve /metrics (Prometheus), /status (JSON), /report (a page) and /healthz on this port; 0 takes any free one." };

    /// <summary>Address of the port.</summary>
    public Option<string> Bind { get; } = new("--bind") { Description = "Address of --port.", DefaultValueFactory = _ => "127.0.0.1" };

    /// <summary>JSON lines.</summary>
    public Option<bool> Json { get; } = new(JsonName) { Description = "Progress and errors as one JSON object per line." };

    /// <summary>CPU threads.</summary>
    public ThreadsOption Threads { get; } = new();

    /// <summary>Pass over a corrupt checkpoint.</summary>
    public Option<bool> PreviousCheckpoint { get; } = new("--previous-checkpoint") { Description = "If the newest checkpoint is corrupt, go on from the one before." };

    /// <summary>Go back before a step.</summary>
    public Option<int?> ResumeBefore { get; } = new("--resume-before") { Description = "Go on from the newest checkpoint before this step: training diverged after a later one." };

    /// <summary>Starts what does not fit by its plan.</summary>
    public Option<bool> IgnoreMemoryPlan { get; } = new("--ignore-memory-plan") { Description = "Start even if the estimated memory is more than there is." };

    /// <summary>Opens the live report; for people, so only <c>run</c> has it.</summary>
    public Option<bool> Open { get; } = new("--open") { Description = "Open the live report in the browser; the same page is at /report of --port." };

    /// <summary>Says what would happen; only <c>run</c> has it.</summary>
    public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Say what would be done, how much memory and disk it needs, and where it would go on; write nothing. Exits as the run would, or 0." };

    /// <summary>Times a micro-batch; only <c>run</c> has it.</summary>
    public Option<bool> Measure { get; } = new("--measure") { Description = "With --dry-run: load the model and time a micro-batch, for an estimate of the run's time." };

    /// <summary>Those of both commands.</summary>
    public IEnumerable<Option> All => [Port, Bind, Json, Threads, PreviousCheckpoint, ResumeBefore, IgnoreMemoryPlan];

    /// <summary>Checks what parsing cannot.</summary>
    public TrainerOptions()
    {
        Port.Validators.Add(result => Require(IsWithin(result, 0, 65535), "--port: give 0 to 65535", result.AddError));
        ResumeBefore.Validators.Add(result => Require(IsWithin(result, 1, int.MaxValue), "--resume-before: give 1 or more", result.AddError));
        Bind.Validators.Add(result => Require(IPAddress.TryParse(result.GetValueOrDefault<string>(), out _), "--bind: give an IP address", result.AddError));
    }

    /// <summary>Fails as a run would where its port cannot be had.</summary>
    /// <param name="parsed">The command line.</param>
    public void RefuseTakenPort(ParseResult parsed)
    {
        if (parsed.GetValue(Port) is not { } port) return;
        StatusServer server = StatusServer.StartAsync(new(), new(), port, IPAddress.Parse(parsed.GetValue(Bind)!)).GetAwaiter().GetResult();
        server.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>What a stage gets from this process.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="display">Where progress is shown.</param>
    /// <param name="stop">The user's request to stop.</param>
    public StageContext Context(ParseResult parsed, IRunDisplay display, CancellationToken stop) => new()
    {
        Display = display,
        Time = TimeProvider.System,
        Port = new()
        {
            Number = parsed.GetValue(Port) ?? (parsed.GetValue(Open) ? 0 : null),
            Address = IPAddress.Parse(parsed.GetValue(Bind)!),
            OpensReport = parsed.GetValue(Open),
        },
        PassOverCorruptCheckpoints = parsed.GetValue(PreviousCheckpoint),
        ResumeBeforeStep = parsed.GetValue(ResumeBefore),
        IgnoresMemoryPlan = parsed.GetValue(IgnoreMemoryPlan),
        Stop = stop,
    };

    // What is no number at all is the parser's to report; asking it for the value here would throw.
    private static bool IsWithin(OptionResult result, int least, int most) =>
        result.Tokens.All(token => !int.TryParse(token.Value, out int number) || (number >= least && number <= most));

    private static void Require(bool holds, string otherwise, Action<string> add)
    {
        if (!holds) add(otherwise);
    }
}
