using Science.ClosedForm;
using Science.Interruptions;
using Science.LabelNoise;
using Science.Mixtures;
using Science.Precision;
using Science.Rewards;

namespace Science.Experiments;

/// <summary>The list of experiments.</summary>
public static class ExperimentList
{
    public static IReadOnlyList<IExperiment> All { get; } =
    [
        new ClosedFormExperiment(), new MixtureExperiment(), new RewardExperiment(), new LabelNoiseExperiment(), new PrecisionExperiment(), new KillExperiment(),
    ];
}
