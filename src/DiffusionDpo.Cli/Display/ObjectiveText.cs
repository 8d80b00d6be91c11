using System.Text.Json;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Api.Presets;

namespace DiffusionDpo.Cli.Display;

/// <summary>What a run minimises, in words.</summary>
internal static class ObjectiveText
{
    /// <summary>The loss, what is combined with it, and how timesteps are weighted where that is not as usual.</summary>
    /// <param name="file">The run file.</param>
    public static string Of(RunFile file) => string.Join(", ", [.. Loss(file), .. Beside(file.Training.Objective), .. Timesteps(file.Training)]);

    private static IEnumerable<string> Loss(RunFile file)
    {
        ObjectiveOptions objective = file.Training.Objective;
        yield return JsonSerializer.Serialize(objective.Type).Trim('"'); // as YAML writes it
        if (objective.Type == ObjectiveType.Mapo) yield return $"margin weight {objective.MarginWeight:G6}";
        if (objective.Type is ObjectiveType.Sft or ObjectiveType.Mapo) yield break;
        yield return $"beta {objective.Beta:G6} (the paper's sum form: {BetaForms.Sum(objective.Beta!.Value, file.Data.Resolution!.Value):G4})";
    }

    private static IEnumerable<string> Beside(ObjectiveOptions objective)
    {
        if (objective.LabelSmoothing > 0) yield return $"label smoothing {objective.LabelSmoothing:G6}";
        if (objective.WinnerAnchor > 0) yield return $"winner anchor {objective.WinnerAnchor:G6}";
        if (objective.Safeguard) yield return $"safeguard of the winner with margin {objective.SafeguardMargin:G6}";
    }

    private static IEnumerable<string> Timesteps(TrainingOptions training)
    {
        if (training.Timesteps != new TimestepOptions()) yield return $"timesteps {training.Timesteps.Min} to {training.Timesteps.Max}";
        if (training.MinSnrGamma > 0) yield return $"minimum-SNR weights with gamma {training.MinSnrGamma:G6}";
    }
}
