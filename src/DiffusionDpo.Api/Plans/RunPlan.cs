using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Presets;

namespace DiffusionDpo.Api.Plans;

/// <summary>What a fine-tune means: its stages in order, each with a complete run file. A pure function of the fine-tune.</summary>
public sealed record RunPlan
{
    private RunPlan(IReadOnlyList<RunFile> stages) => Stages = stages;

    /// <summary>One run file per stage, in the order in which they run. They differ in nothing but the stage.</summary>
    public IReadOnlyList<RunFile> Stages { get; }

    /// <summary>All stages in the order in which they run.</summary>
    public static IReadOnlyList<Stage> Order { get; } = Enum.GetValues<Stage>();

    /// <summary>The stages that a run has, in the order in which they run: nothing is prepared where nothing is cached.</summary>
    /// <param name="spec">The fine-tune.</param>
    public static IEnumerable<Stage> StagesFor(DpoFineTuneSpec spec) =>
        Order.Where(stage => stage != Stage.Prepare || PresetResolution.CacheOf(spec.Data, PresetList.Get(spec.Preset)) != DataCache.None);

    /// <summary>Resolves the preset and orders the stages.</summary>
    /// <param name="fineTune">A valid fine-tune; its paths must be absolute.</param>
    public static RunPlan For(DpoFineTune fineTune) => new([.. StagesFor(fineTune.Spec).Select(stage => Resolve(fineTune, stage))]);

    /// <summary>The arguments of the trainer process for a run file.</summary>
    /// <param name="runFilePath">Where the process finds the run file.</param>
    public static IReadOnlyList<string> Arguments(string runFilePath) => ["train", "--run-file", runFilePath];

    private static RunFile Resolve(DpoFineTune fineTune, Stage stage)
    {
        var spec = fineTune.Spec;
        var family = spec.Model.Family;
        var preset = PresetList.Get(spec.Preset);
        var training = spec.Training.Resolve(preset, family);
        var scale = new RunScale(family, training.Steps!.Value, training.GlobalBatch!.Value, training.Objective.Beta!.Value, spec.Adapter.Type);
        return new RunFile
        {
            Name = fineTune.Metadata.Name,
            RunId = spec.RunId,
            Stage = stage,
            Preset = spec.Preset,
            Model = spec.Model,
            Data = spec.Data.Resolve(preset, family, spec.Output),
            Training = training,
            Adapter = spec.Adapter.WithDefaults(),
            Optimizer = spec.Optimizer.Resolve(preset, scale),
            Checkpoints = spec.Checkpoints.Resolve(spec.Output),
            Output = spec.Output,
            Evaluation = spec.Evaluation,
            Storage = spec.Storage,
        };
    }
}
