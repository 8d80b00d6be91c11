using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Training.Runs;
using DiffusionDpo.Training.Steps;
using Prometheus;

namespace DiffusionDpo.Training.Metrics;

/// <summary>All metrics of a trainer process, in a registry of their own.</summary>
public sealed class TrainerMetrics
{
    private static readonly double[] Seconds = Histogram.ExponentialBuckets(0.01, 2, 16); // 10 ms to 5 min

    private readonly Gauge step, loss, implicitAccuracy, rewardMargin, winnerExcess, loserExcess, gradientNorm, learningRate, pairsPerSecond, heldOut, heldOutLower, heldOutUpper,
        prepareDone, prepareTotal, preparePerSecond;
    private readonly Histogram stepSeconds, checkpointSeconds;
    private readonly Counter phaseSeconds, dataWaitSeconds, pairs, badRows;

    /// <summary>Creates them.</summary>
    public TrainerMetrics()
    {
        MetricFactory metrics = Prometheus.Metrics.WithCustomRegistry(Registry);
        step = metrics.CreateGauge("dpo_train_step", "Optimizer steps done.");
        loss = metrics.CreateGauge("dpo_train_loss", "Mean loss of the last step's pairs.");
        implicitAccuracy = metrics.CreateGauge("dpo_train_implicit_accuracy", "Share of the last step's pairs on which the policy agrees with the preference.");
        rewardMargin = metrics.CreateGauge("dpo_train_reward_margin", "Mean logit of the last step's pairs.");
        winnerExcess = metrics.CreateGauge("dpo_train_winner_error_excess", "Mean error of the last step's winners above the reference's.");
        loserExcess = metrics.CreateGauge("dpo_train_loser_error_excess", "Mean error of the last step's losers above the reference's.");
        gradientNorm = metrics.CreateGauge("dpo_train_gradient_norm", "L2 norm of the last step's gradient before clipping.");
        learningRate = metrics.CreateGauge("dpo_train_learning_rate", "Learning rate of the last step.");
        pairsPerSecond = metrics.CreateGauge("dpo_train_pairs_per_second", "Pairs per second over the recent steps.");
        pairs = metrics.CreateCounter("dpo_train_pairs_total", "Pairs trained on by this process.");
        stepSeconds = metrics.CreateHistogram("dpo_train_step_seconds", "Time of an optimizer step.", new HistogramConfiguration { Buckets = Seconds });
        phaseSeconds = metrics.CreateCounter("dpo_train_phase_seconds_total", "Time in each phase of the steps.", ["phase"]);
        dataWaitSeconds = metrics.CreateCounter("dpo_train_data_wait_seconds_total", "Time that steps waited for pairs.");
        checkpointSeconds = metrics.CreateHistogram("dpo_train_checkpoint_seconds", "Time to write a checkpoint.", new HistogramConfiguration { Buckets = Seconds });
        badRows = metrics.CreateCounter("dpo_train_bad_rows_total", "Rows that could not be used.");
        heldOut = metrics.CreateGauge("dpo_train_held_out_implicit_accuracy", "Implicit accuracy on held-out pairs, as last measured.");
        heldOutLower = metrics.CreateGauge("dpo_train_held_out_implicit_accuracy_lower", "Lower end of its 95 % interval.");
        heldOutUpper = metrics.CreateGauge("dpo_train_held_out_implicit_accuracy_upper", "Upper end of its 95 % interval.");
        prepareDone = metrics.CreateGauge("dpo_prepare_done", "How much of this worker's share is prepared, by what is being done.", "work");
        prepareTotal = metrics.CreateGauge("dpo_prepare_total", "This worker's share.", "work");
        preparePerSecond = metrics.CreateGauge("dpo_prepare_per_second", "How much is done per second.", "work");
        Gauge memory = metrics.CreateGauge("dpo_train_resident_memory_bytes", "Resident memory of the process.");
        Registry.AddBeforeCollectCallback(() => memory.Set(Environment.WorkingSet));
    }

    /// <summary>Where they are collected.</summary>
    public CollectorRegistry Registry { get; } = Prometheus.Metrics.NewCustomRegistry();

    /// <summary>Takes in what happened.</summary>
    /// <param name="happened">The event.</param>
    public void Observe(TrainingEvent happened)
    {
        switch (happened)
        {
            case RunStarted started:
                step.Set(started.Progress.Step);
                break;
            case StepCompleted completed:
                Observe(completed.Report);
                pairsPerSecond.Set(completed.Progress.PairsPerSecond ?? 0);
                break;
            case CheckpointSaved saved:
                checkpointSeconds.Observe(saved.Duration.TotalSeconds);
                break;
            case HeldOutMeasured measured:
                heldOut.Set(measured.Result.Accuracy);
                heldOutLower.Set(measured.Result.Lower);
                heldOutUpper.Set(measured.Result.Upper);
                break;
            case BadRowSkipped:
                badRows.Inc();
                break;
        }
    }

    /// <summary>Takes in how far preparing is.</summary>
    /// <param name="preparation">How far.</param>
    public void Observe(PreparationStatus preparation)
    {
        prepareDone.WithLabels(preparation.Work).Set(preparation.Done);
        prepareTotal.WithLabels(preparation.Work).Set(preparation.Total);
        preparePerSecond.WithLabels(preparation.Work).Set(preparation.PerSecond ?? 0);
    }

    private void Observe(StepReport report)
    {
        step.Set(report.Step);
        loss.Set(report.Loss);
        implicitAccuracy.Set(report.ImplicitAccuracy);
        rewardMargin.Set(report.RewardMargin);
        winnerExcess.Set(report.WinnerExcess);
        loserExcess.Set(report.LoserExcess);
        gradientNorm.Set(report.GradientNorm);
        learningRate.Set(report.LearningRate);
        pairs.Inc(report.Pairs);
        stepSeconds.Observe(report.Duration.TotalSeconds);
        dataWaitSeconds.Inc(report.Phases[(int)StepPhase.Data].TotalSeconds);
        foreach (StepPhase phase in Enum.GetValues<StepPhase>()) phaseSeconds.WithLabels(NameOf(phase)).Inc(report.Phases[(int)phase].TotalSeconds);
    }

    private static string NameOf(StepPhase phase) => phase switch
    {
        StepPhase.Data => "data",
        StepPhase.Encode => "encode",
        StepPhase.PolicyForward => "policy_forward",
        StepPhase.Reference => "reference",
        StepPhase.Backward => "backward",
        _ => "optimizer",
    };
}
