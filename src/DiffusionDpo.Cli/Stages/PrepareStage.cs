using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Places;
using DiffusionDpo.Data.Preparation;
using DiffusionDpo.Training.Runs;
using DiffusionDpo.Training.Status;

namespace DiffusionDpo.Cli.Stages;

/// <summary>The Prepare stage in this process.</summary>
internal static class PrepareStage
{
    /// <summary>Prepares.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="context">The process around it.</param>
    /// <param name="share">Which worker this is, and of how many.</param>
    /// <param name="directory">The run's directory; null where it has none here.</param>
    public static void Execute(RunFile file, StageContext context, (int Worker, int Workers) share, RunDirectory? directory = null)
    {
        context.Port.Open(context.Display, directory?.Path);
        context.Display.Show(RunEnvironment.Describe(file));
        PreparationNotices notices = new(context.Display, context.Time, file.Training.ReferenceCache ? null : (long)file.Training.Steps!.Value * file.Training.GlobalBatch!.Value);
        string model = BaseModel.PathOf(file, context.Display, context.Stop);
        PreparationRun.Execute(file, model, ScorerFiles.Of(file, context.Display, context.Stop), share, context.Time, Observe, context.Stop);

        void Observe(PreparationEvent happened)
        {
            if (PreparationReading.Of(happened, context.Time.GetUtcNow()) is { } preparation) context.Port.Observe(preparation);
            notices.Show(happened);
        }
    }
}
