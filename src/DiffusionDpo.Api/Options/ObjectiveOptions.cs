using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>The training objective; docs/losses.md has the equations and says which to choose.</summary>
public sealed record ObjectiveOptions
{
    /// <summary>The loss.</summary>
    public ObjectiveType Type { get; init; } = ObjectiveType.Sigmoid;

    /// <summary>
    /// Strength β of the pull towards the reference, on the mean-squared error (code units; the paper's sum form is ½·β/(C·h·w)).
    /// Preset: paper 2000 (sd15) and 5000 (sdxl), otherwise 5000.
    /// </summary>
    [RangeMinimum(0, exclusiveMinimum: true), RangeMaximum(1e9)]
    public double? Beta { get; init; }

    /// <summary>Share ε of the labels that are taken to be wrong; for sigmoid (cDPO) and robust.</summary>
    [RangeMinimum(0), RangeMaximum(0.5, exclusiveMaximum: true)]
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// Weight α of the winner's own error beside a loss that compares with the reference; 0: none. At the start the sigmoid loss pulls at it
    /// with β/4.
    /// </summary>
    [RangeMinimum(0), RangeMaximum(1e9)]
    public double WinnerAnchor { get; init; }

    /// <summary>
    /// Scales each loser's gradient so that to first order its winner's error does not grow (Diffusion-SDPO); for losses that compare with the
    /// reference.
    /// </summary>
    public bool Safeguard { get; init; }

    /// <summary>
    /// The safeguard's μ: the share of the winner's own descent that is kept. Where not given: 0, the winner's error just does not grow.
    /// </summary>
    [RangeMinimum(0), RangeMaximum(1)]
    public double? SafeguardMargin { get; init; }

    /// <summary>Weight γ of the margin in mapo, which has no β. Where not given: 0.1.</summary>
    [RangeMinimum(0, exclusiveMinimum: true), RangeMaximum(1e9)]
    public double? MarginWeight { get; init; }
}
