using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Training.Metrics;
using DiffusionDpo.Training.Runs;
using DiffusionDpo.Training.Status;

namespace DiffusionDpo.Cli.Stages;

/// <summary>The Train stage in this process: progress to the display, numbers to the port.</summary>
internal static class TrainStage
{
    /// <summary>Trains.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="context">The process around it.</param>
    public static void Execute(RunFile file, StageContext context)
    {
        StatusBoard board = new();
        TrainerMetrics metrics = new();
        StatusServer? server = context.Port is { } port ? StatusServer.StartAsync(board, metrics, port, context.Address).GetAwaiter().GetResult() : null;
        try
        {
            if (server is not null) context.Display.Show(Serving(new UriBuilder("http", context.Address.ToString(), server.Port).Uri));
            TrainingHost host = new()
            {
                Time = context.Time,
                PassOverCorruptCheckpoints = context.PassOverCorruptCheckpoints,
                ResumeBeforeStep = context.ResumeBeforeStep,
                OnEvent = happened =>
                {
                    context.LastWords.Observe(happened);
                    board.Observe(happened);
                    metrics.Observe(happened);
                    context.Display.Show(happened);
                },
            };
            _ = TrainingRun.Execute(file, host, context.Stop);
        }
        finally
        {
            server?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static Notice Serving(Uri at) => new("status", $"{at}status, {at}metrics and {at}healthz", new Dictionary<string, object?>
    {
        ["url"] = at.ToString(),
        ["port"] = at.Port,
    });
}
