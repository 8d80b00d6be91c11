using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Places;
using DiffusionDpo.Cli.Reports;
using DiffusionDpo.Cli.Sampling;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Cli.Stages;

/// <summary>The Export stage in this process.</summary>
internal static class ExportStage
{
    /// <summary>Writes the trained model in diffusers layout with its card, draws samples with it, and brings all of it to the run's directory.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="context">The process around it.</param>
    /// <param name="directory">The run's directory.</param>
    public static void Execute(RunFile file, StageContext context, RunDirectory directory)
    {
        string model = BaseModel.PathOf(file, context.Display, context.Stop);
        string exported = ModelExport.Write(file, RunDirectory.PlacesOf(file, model, context.Time));
        ModelCard.Write(directory.Path, exported);
        directory.PublishModel();
        Draw(file, context, directory, (model, exported));
        directory.PublishSamples();
        context.Display.Show(new Notice("export", $"model in diffusers layout: {directory.Model}", new Dictionary<string, object?> { ["model"] = directory.Model }));
    }

    private static void Draw(RunFile file, StageContext context, RunDirectory directory, (string Before, string After) models)
    {
        try
        {
            if (SampleSheet.Draw(file, models, directory.Path) is { } samples)
                context.Display.Show(new Notice("samples", $"samples before and after: {samples}", new Dictionary<string, object?> { ["samples"] = samples }));
        }
        catch (Exception failure) when (failure is RunException || MemoryFailure.Is(failure))
        {
            // The model is there, and it is what the run was for.
            string reason = failure is RunException ? failure.Message : "too little memory for both models' images at the size that they were made for; `ddpo sample` draws smaller ones";
            context.Display.Show(Notice.Of("samples-failed", $"no samples were drawn: {reason}"));
        }
    }
}
