using DiffusionDpo.Cli.Stages;
using DiffusionDpo.Training.HeldOut;

namespace DiffusionDpo.Cli.Reports;

/// <summary>What the figures tell about the model.</summary>
internal static class ModelFindings
{
    private const double LastShare = 0.1;
    private const int FewestAtEnd = 10;
    private const string Remedy = "Implicit accuracy does not show this; pictures do. Lower optimizer.learningRate, raise training.objective.beta, or train fewer steps.";

    /// <summary>Accuracy does not see this: the losers' error grows faster than the winners', but both grow.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? Collapsed(RunFacts facts)
    {
        (double winners, double losers) = Growth(facts.Log);
        if (winners > Alarms.WinnerErrorGrowth)
            return new(FindingWeight.Alarm, "The model unlearns to draw.", $"Even the winners' denoising error is {Html.Percent(winners)} above the base model's; more than {Html.Percent(Alarms.WinnerErrorGrowth)} is damage. {Remedy}");
        if (losers > Alarms.LoserErrorGrowth)
            return new(FindingWeight.Alarm, "The model is pushed away from what it could draw.", $"The losers' denoising error is {Html.Percent(losers)} above the base model's; more than {Html.Percent(Alarms.LoserErrorGrowth)} is more than preferences need. {Remedy}");
        return null;
    }

    /// <summary>On the way to <see cref="Collapsed"/>.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? Strained(RunFacts facts)
    {
        double winners = Growth(facts.Log).Winners;
        return winners is > Alarms.WinnerErrorCaution and <= Alarms.WinnerErrorGrowth
            ? new(FindingWeight.Note, "Pictures may have suffered: compare them.", $"The winners' denoising error is {Html.Percent(winners)} above the base model's; more than {Html.Percent(Alarms.WinnerErrorGrowth)} is damage. {Remedy}")
            : null;
    }

    /// <summary>Less than chance.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? Opposes(RunFacts facts) => facts.Log.HeldOutAfter is { Pairs: >= Alarms.FewestHeldOutPairs } after && after.Upper < Origin(facts)
        ? new(FindingWeight.Alarm, "The model prefers the losers.", $"{Agrees(after)}, less than {OriginText(facts)}. Are winners and losers exchanged in one of the data sets?")
        : null;

    /// <summary>Unseen comparisons.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? Learned(RunFacts facts) => facts.Log.HeldOutAfter switch
    {
        null => null,
        { Pairs: < Alarms.FewestHeldOutPairs } after => new(
            FindingWeight.Note,
            $"{after.Pairs:N0} held-out comparisons are too few to tell what was learned.",
            $"The model agrees with {Html.Percent(after.Accuracy)} of them. Hold out {Alarms.FewestHeldOutPairs} at least, a few hundred for an interval of some points."),
        var after when after.Upper < Origin(facts) => null,
        var after when after.Lower > Origin(facts) => new(
            FindingWeight.Fine,
            $"The model has learned the preferences: it agrees with {Html.Percent(after.Accuracy)} of {after.Pairs:N0} unseen comparisons.",
            $"95 % interval {Interval(after)}; the base model {(HasReference(facts) ? "stands at 50 % by definition" : $"stood at {Html.Percent(Origin(facts))}")}."),
        { } after => new(
            facts.IsTrained ? FindingWeight.Alarm : FindingWeight.Note,
            facts.IsTrained ? "Nothing is proven to be learned." : "Nothing is proven to be learned yet.",
            $"{Agrees(after)}, and the interval holds {OriginText(facts)}. Train longer, measure more pairs (evaluation.heldOutPairs), or look at the labels."),
    };

    /// <summary>The policy has not left the base model. A mean logit of 0 alone does not say so: labels without a pattern give it too, at a loss above ln 2.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? Stuck(RunFacts facts)
    {
        bool isWarm = facts.Step >= Alarms.FewestSteps && facts.Step > 2 * facts.File.Optimizer.WarmupSteps;
        LossReading reading = LossReading.Of(facts.File.Training.Objective);
        if (!facts.Log.Compares || reading.Start is not { } start || !(isWarm || facts.IsTrained)) return null;
        bool isStill = Math.Abs(End(facts.Log, step => step.RewardMargin)) < Alarms.Stillness && Math.Abs(End(facts.Log, step => step.Loss) - start) < Alarms.Stillness;
        return isStill
            ? new(FindingWeight.Alarm, "The model has hardly moved.", $"The loss stays at {reading.StartText}, where it begins. Raise optimizer.learningRate, train longer, or look whether optimizer.warmupSteps is longer than the run.")
            : null;
    }

    /// <summary>Steps too large, or labels that contradict each other.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? LossRose(RunFacts facts)
    {
        double loss = End(facts.Log, step => step.Loss);
        LossReading reading = LossReading.Of(facts.File.Training.Objective);
        return facts.Log.Compares && facts.Step >= Alarms.FewestSteps && loss > reading.Start + Alarms.LossAboveStart
            ? new(FindingWeight.Alarm, "The loss has risen.", $"It stands at {Html.Number(loss)}, above {reading.StartText} where it began: the policy contradicts the preferences more strongly than it agrees. Lower optimizer.learningRate, or look at the labels.")
            : null;
    }

    /// <summary>The good case of <see cref="Collapsed"/>.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? Denoises(RunFacts facts)
    {
        (double winners, double losers) = Growth(facts.Log);
        return winners <= Alarms.WinnerErrorCaution && losers <= Alarms.LoserErrorGrowth
            ? new(FindingWeight.Fine, "The model has not unlearned to draw.", $"The winners' denoising error is {Against(winners)} the base model's (alarm: more than {Html.Percent(Alarms.WinnerErrorGrowth)} above).")
            : null;
    }

    /// <summary>Supervised fine-tuning compares nothing.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? Fitted(RunFacts facts)
    {
        if (facts.Log.Compares || facts.Log.Steps.Count == 0) return null;
        int share = Math.Max(1, facts.Log.Steps.Count / 10);
        double first = facts.Log.Steps.Take(share).Average(step => step.Loss), last = facts.Log.Steps.TakeLast(share).Average(step => step.Loss);
        return new(
            FindingWeight.Note,
            "Supervised fine-tuning: no preferences were compared.",
            $"The mean squared error of the winners was {Html.Number(first)} in the first tenth of the steps and is {Html.Number(last)} in the last. Pictures tell what that is worth.");
    }

    /// <summary>Only training pairs speak.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? NothingHeldOut(RunFacts facts) => facts.Log.Compares && facts.File.Data.HeldOut.Count == 0
        ? new(FindingWeight.Note, "No comparisons were held out.", "Accuracy on training pairs may be memory. Name shards of other prompts under data.heldOut.")
        : null;

    /// <summary>Training pairs are known by heart.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? Memorises(RunFacts facts)
    {
        double training = End(facts.Log, step => step.ImplicitAccuracy);
        return facts.Step >= Alarms.FewestSteps && facts.Log.HeldOutAfter is { Pairs: >= Alarms.FewestHeldOutPairs } after && training > after.Upper + Alarms.Memorising
            ? new(FindingWeight.Note, "The model knows its training pairs better than others.", $"It agrees with {Html.Percent(training)} of the last training pairs and with {Html.Percent(after.Accuracy)} of unseen ones: more pairs or fewer steps.")
            : null;
    }

    private static string Against(double growth) => growth switch
    {
        < -0.0005 => $"{Html.Percent(-growth)} below",
        > 0.0005 => $"{Html.Percent(growth)} above",
        _ => "within 0.1 % of",
    };

    private static bool HasReference(RunFacts facts) => LossReading.Of(facts.File.Training.Objective).Start is not null;

    /// <summary>The base model's accuracy: one half where it is what the policy is compared with, else as measured.</summary>
    private static double Origin(RunFacts facts) => HasReference(facts) ? 0.5 : facts.Log.HeldOutBefore?.Accuracy ?? 0.5;

    private static string OriginText(RunFacts facts) => HasReference(facts) ? "50 %, which is chance" : $"the base model's {Html.Percent(Origin(facts))}";

    private static string Agrees(HeldOutAccuracy after) => $"The model agrees with {Html.Percent(after.Accuracy)} of {after.Pairs:N0} unseen comparisons (95 % interval {Interval(after)})";

    private static string Interval(HeldOutAccuracy after) => $"{Html.Percent(after.Lower)} to {Html.Percent(after.Upper)}";

    /// <summary>Growth of the errors as shares of the reference's; NaN where there is none.</summary>
    private static (double Winners, double Losers) Growth(RunLog log)
    {
        double scale = End(log, step => step.ReferenceError);
        return scale > 0 ? (End(log, step => step.WinnerErrorExcess) / scale, End(log, step => step.LoserErrorExcess) / scale) : (double.NaN, double.NaN);
    }

    /// <summary>Mean over the last tenth, ten steps at least: single steps are noise. NaN where nothing is known.</summary>
    private static double End(RunLog log, Func<LoggedStep, double?> value) =>
        log.Steps.TakeLast(Math.Max(FewestAtEnd, (int)(LastShare * log.Steps.Count))).Select(value).Where(one => one is { } known && double.IsFinite(known)).Average() ?? double.NaN;
}
