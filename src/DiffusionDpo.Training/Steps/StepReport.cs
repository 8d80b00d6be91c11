namespace DiffusionDpo.Training.Steps;

/// <summary>The numbers of a completed optimizer step. Means are over its pairs of weight 1.</summary>
/// <param name="Step">Optimizer steps done, this one included.</param>
/// <param name="Pairs">Pairs in it.</param>
/// <param name="Loss">Mean loss.</param>
/// <param name="ImplicitAccuracy">Share of pairs on which the policy agrees with the preference, ties counted ½; NaN where losers are not looked at.</param>
/// <param name="RewardMargin">Mean logit; NaN where losers are not looked at.</param>
public sealed record StepReport(int Step, long Pairs, double Loss, double ImplicitAccuracy, double RewardMargin)
{
    /// <summary>Mean E_θ − E_ref of the winners; NaN without a reference. Where it grows the policy unlearns what it could.</summary>
    public required double WinnerExcess { get; init; }

    /// <summary>Mean E_θ − E_ref of the losers; NaN without a reference.</summary>
    public required double LoserExcess { get; init; }

    /// <summary>Mean E_ref of the winners: the scale of the two; NaN without a reference.</summary>
    public required double ReferenceError { get; init; }

    /// <summary>L2 norm of the gradient before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>The rate of this step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Time in each <see cref="StepPhase"/>, indexed by it.</summary>
    public required IReadOnlyList<TimeSpan> Phases { get; init; }

    /// <summary>Time of the whole step.</summary>
    public TimeSpan Duration => Phases.Aggregate(TimeSpan.Zero, (sum, phase) => sum + phase);
}
