using System.Net;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Cli.Reports;
using DiffusionDpo.Training.Metrics;
using DiffusionDpo.Training.Runs;
using DiffusionDpo.Training.Status;

namespace DiffusionDpo.Cli.Stages;

/// <summary>What a process answers over HTTP, through all of its stages: it listens from the first one that has something to tell until the process ends.</summary>
internal sealed class StatusPort : IDisposable
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromSeconds(5);

    private readonly StatusBoard _board = new();
    private readonly TrainerMetrics _metrics = new();
    private StatusServer? _server;

    /// <summary>The port; 0: any free one; null: none is opened.</summary>
    public int? Number { get; init; }

    /// <summary>Its address.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Open the live report in the user's browser; <see cref="Number"/> is given.</summary>
    public bool OpensReport { get; init; }

    /// <summary>Listens and says where, unless it does already.</summary>
    /// <param name="display">Where to say it.</param>
    /// <param name="runDirectory">The run that /report is about; null: there is no such page.</param>
    /// <exception cref="RunException">Configuration error: the port cannot be had.</exception>
    public void Open(IRunDisplay display, string? runDirectory)
    {
        if (Number is not { } number || _server is not null) return;
        Func<string>? report = runDirectory is null ? null : () => RunReport.Live(runDirectory, s_refresh);
        _server = StatusServer.StartAsync(_board, _metrics, number, Address, report).GetAwaiter().GetResult();
        Uri at = new UriBuilder("http", Address.ToString(), _server.Port).Uri;
        display.Show(Serving(at, report is not null));
        if (OpensReport && !Browser.Open(new Uri(at, "report"))) display.Show(Notice.Of("open", $"no browser was found; open {at}report yourself"));
    }

    /// <summary>Takes in how far preparing is.</summary>
    /// <param name="preparation">How far.</param>
    public void Observe(PreparationStatus preparation)
    {
        _board.Observe(preparation);
        _metrics.Observe(preparation);
    }

    /// <summary>Takes in what happened in training.</summary>
    /// <param name="happened">The event.</param>
    public void Observe(TrainingEvent happened)
    {
        _board.Observe(happened);
        _metrics.Observe(happened);
    }

    /// <inheritdoc/>
    public void Dispose() => _server?.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static Notice Serving(Uri at, bool hasReport) => new("status", $"{(hasReport ? $"{at}report, " : "")}{at}status, {at}metrics and {at}healthz", new Dictionary<string, object?>
    {
        ["url"] = at.ToString(),
        ["port"] = at.Port,
    });
}
