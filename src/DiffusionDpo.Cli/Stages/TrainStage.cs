using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Places;
using DiffusionDpo.Cli.Reports;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Cli.Stages;

/// <summary>The Train stage in this process: progress to the display, numbers to the port.</summary>
internal static class TrainStage
{
    /// <summary>Trains.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="context">The process around it.</param>
    /// <param name="directory">The run's directory.</param>
    public static void Execute(RunFile file, StageContext context, RunDirectory directory)
    {
        context.Port.Open(context.Display, directory.Path);
        context.Display.Show(RunEnvironment.Describe(file));
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
                context.Port.Observe(happened);
                context.Display.Show(happened);
                if (happened is CheckpointSaved) Tell(directory, context);
            },
        };
        _ = TrainingRun.Execute(file, host, context.Stop);
    }

    private static void Tell(RunDirectory directory, StageContext context)
    {
        RunReport.Renew(directory.Path, context.Display);
        directory.Publish(context.Display);
    }
}
