using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Places;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Cli.Reports;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Training.Metrics;
using DiffusionDpo.Training.Runs;
using DiffusionDpo.Training.Status;

namespace DiffusionDpo.Cli.Stages;

/// <summary>The Train stage in this process: progress to the display, numbers to the port.</summary>
internal static class TrainStage
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromSeconds(5);

    /// <summary>Trains.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="context">The process around it.</param>
    /// <param name="directory">The run's directory.</param>
    public static void Execute(RunFile file, StageContext context, RunDirectory directory)
    {
        StatusBoard board = new();
        TrainerMetrics metrics = new();
        StatusServer? server = context.Port is { } port ? StatusServer.StartAsync(board, metrics, port, context.Address, Report).GetAwaiter().GetResult() : null;
        try
        {
            context.Display.Show(RunEnvironment.Describe(file));
            if (server is not null) Tell(context, new UriBuilder("http", context.Address.ToString(), server.Port).Uri);
            string model = BaseModel.PathOf(file, context.Display, context.Stop);
            ScorerSource? scorer = ScorerFiles.Of(file, context.Display, context.Stop);
            TrainingHost host = new()
            {
                Places = RunDirectory.PlacesOf(file, model, context.Time) with { Scorer = scorer },
                Time = context.Time,
                PassOverCorruptCheckpoints = context.PassOverCorruptCheckpoints,
                ResumeBeforeStep = context.ResumeBeforeStep,
                IgnoresMemoryPlan = context.IgnoresMemoryPlan,
                OnEvent = happened =>
                {
                    context.LastWords.Observe(happened);
                    board.Observe(happened);
                    metrics.Observe(happened);
                    context.Display.Show(happened);
                    if (happened is CheckpointSaved) Tell(directory, context);
                },
            };
            _ = TrainingRun.Execute(file, host, context.Stop);
        }
        finally
        {
            server?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        string Report() => RunReport.Live(directory.Path, s_refresh);
    }

    private static void Tell(RunDirectory directory, StageContext context)
    {
        RunReport.Renew(directory.Path, context.Display);
        directory.Publish(context.Display);
    }

    private static void Tell(StageContext context, Uri at)
    {
        context.Display.Show(Serving(at));
        if (context.OpensReport && !Browser.Open(new Uri(at, "report"))) context.Display.Show(Notice.Of("open", $"no browser was found; open {at}report yourself"));
    }

    private static Notice Serving(Uri at) => new("status", $"{at}report, {at}status, {at}metrics and {at}healthz", new Dictionary<string, object?>
    {
        ["url"] = at.ToString(),
        ["port"] = at.Port,
    });
}
