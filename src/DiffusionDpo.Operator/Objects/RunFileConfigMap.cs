using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using k8s.Models;

namespace DiffusionDpo.Operator.Objects;

/// <summary>The ConfigMap with a run's run files, one per stage.</summary>
internal static class RunFileConfigMap
{
    /// <summary>The object.</summary>
    public static V1ConfigMap Build(DpoFineTune fineTune) => new()
    {
        ApiVersion = "v1",
        Kind = "ConfigMap",
        Metadata = RunLabels.Metadata(fineTune, RunNames.Run(fineTune)),
        Data = RunPlan.For(fineTune).Stages.ToDictionary(file => FileName(file.Stage), file => file.ToJson()),
    };

    /// <summary>Name of a stage's run file.</summary>
    public static string FileName(Stage stage) => $"{RunNames.Word(stage)}.json";
}
