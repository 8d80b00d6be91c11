namespace DiffusionDpo.Cli.Display;

/// <summary>The numbers of a completed optimizer step.</summary>
/// <param name="Step">Completed steps.</param>
/// <param name="TotalSteps">Steps of the run.</param>
/// <param name="Loss">Mean loss of the step's pairs.</param>
/// <param name="ImplicitAccuracy">Share of the step's pairs whose logit is positive; NaN for objectives that do not look at losers.</param>
/// <param name="RewardMargin">Mean logit of the step's pairs; NaN likewise.</param>
/// <param name="WinnerExcess">Mean error of the winners above the reference's; NaN for objectives without a reference.</param>
/// <param name="LoserExcess">Mean error of the losers above the reference's; NaN likewise.</param>
/// <param name="ReferenceError">Mean error of the reference on the winners; NaN likewise.</param>
/// <param name="GradNorm">L2 norm of the gradient before clipping.</param>
/// <param name="LearningRate">The rate of the step.</param>
/// <param name="PairsPerSecond">Throughput of the recent steps.</param>
/// <param name="Remaining">Estimate of the time left.</param>
/// <param name="Phases">Seconds that the step spent in each phase, by the phase's name.</param>
internal readonly record struct StepProgress(
    long Step,
    long TotalSteps,
    double Loss,
    double ImplicitAccuracy,
    double RewardMargin,
    double WinnerExcess,
    double LoserExcess,
    double ReferenceError,
    double GradNorm,
    double LearningRate,
    double PairsPerSecond,
    TimeSpan Remaining,
    IReadOnlyDictionary<string, double> Phases);
