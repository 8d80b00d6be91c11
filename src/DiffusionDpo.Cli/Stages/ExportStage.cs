using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Sampling;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Cli.Stages;

/// <summary>The Export stage in this process.</summary>
internal static class ExportStage
{
    /// <summary>Writes the trained model in diffusers layout, and draws samples with it.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="context">The process around it.</param>
    /// <param name="directory">The run's directory.</param>
    public static void Execute(RunFile file, StageContext context, RunDirectory directory)
    {
        string model = ModelExport.Write(file, context.Time);
        context.Display.Show(new Notice("export", $"model in diffusers layout: {model}", new Dictionary<string, object?> { ["model"] = model }));
        try
        {
            if (SampleSheet.Draw(file, model, directory.Path) is { } samples)
                context.Display.Show(new Notice("samples", $"samples before and after: {samples}", new Dictionary<string, object?> { ["samples"] = samples }));
        }
        catch (RunException failure)
        {
            // The model is there, and it is what the run was for.
            context.Display.Show(Notice.Of("samples-failed", $"no samples were drawn: {failure.Message}"));
        }
    }
}
