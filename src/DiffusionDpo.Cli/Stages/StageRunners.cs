using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Reports;

namespace DiffusionDpo.Cli.Stages;

/// <summary>What each stage does; the order of a run's stages is the plan's.</summary>
internal static class StageRunners
{
    private static readonly Dictionary<Stage, Action<RunFile, StageContext, RunDirectory>> s_all = new()
    {
        [Stage.Prepare] = static (file, context, directory) => PrepareStage.Execute(file, context, (0, 1), directory),
        [Stage.Train] = TrainStage.Execute,
        [Stage.Export] = ExportStage.Execute,
    };

    /// <summary>Runs the stage that a run file is for.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="context">The process around it.</param>
    /// <param name="directory">The run's directory; given up again if the run fails before its first step.</param>
    public static void Execute(RunFile file, StageContext context, RunDirectory directory)
    {
        try
        {
            MemoryFailure.Translate(file, () => s_all[file.Stage](file, context, directory));
        }
        catch (RunException failure) when (!context.LastWords.HasSteps)
        {
            directory.Abandon(failure.ExitClass);
            throw;
        }
        catch (Exception failure) when (IsNoted(failure, context))
        {
            throw;
        }
        finally
        {
            if (context.LastWords.HasSteps || file.Stage == Stage.Export)
            {
                RunReport.Renew(directory.Path, context.Display);
                directory.Publish(context.Display);
            }
        }
    }

    // Never handles it. A disk without space for the log is the failure that is told already.
    private static bool IsNoted(Exception failure, StageContext context)
    {
        try
        {
            context.Log?.Show(RunEnding.Of(failure));
        }
        catch (RunException)
        {
            return false;
        }

        return false;
    }
}
