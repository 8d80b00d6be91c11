using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Cli.Stages;

/// <summary>The Export stage in this process.</summary>
internal static class ExportStage
{
    /// <summary>Writes the trained model in diffusers layout.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="context">The process around it.</param>
    public static void Execute(RunFile file, StageContext context)
    {
        string model = ModelExport.Write(file, context.Time);
        context.Display.Show(new Notice("export", $"model in diffusers layout: {model}", new Dictionary<string, object?> { ["model"] = model }));
    }
}
