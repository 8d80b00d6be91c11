using DiffusionDpo.Api.Options;
using DiffusionDpo.Cli.Reports;
using Xunit;
using static DiffusionDpo.Cli.Tests.Reports.LogLines;

namespace DiffusionDpo.Cli.Tests.Reports;

public sealed class FindingsTests
{
    private const string Unlearns = "The model unlearns to draw.";
    private const string PushedAway = "The model is pushed away from what it could draw.";
    private const string MayHaveSuffered = "Pictures may have suffered: compare them.";
    private const string NotUnlearned = "The model has not unlearned to draw.";
    private const string Still = "The model has hardly moved.";
    private const string Rose = "The loss has risen.";
    private const string Unproven = "Nothing is proven to be learned.";
    private const string Opposes = "The model prefers the losers.";
    private const string Memorises = "The model knows its training pairs better than others.";

    [Fact]
    public void A_run_that_is_well_has_learned_and_still_draws() => Assert.Equal(
        ["The model has learned the preferences: it agrees with 70.0 % of 200 unseen comparisons.", NotUnlearned],
        Findings.Of(TinyFacts.Of(Well())).Select(one => one.Weight == FindingWeight.Fine ? one.Title : one.ToString()));

    /// <summary>THE alarm: accuracy and loss are those of a run that is well.</summary>
    [Theory]
    [InlineData(-0.02, NotUnlearned)]
    [InlineData(0.01, NotUnlearned)]
    [InlineData(0.03, MayHaveSuffered)]
    [InlineData(0.06, Unlearns)]
    [InlineData(3, Unlearns)]
    public void The_winners_error_is_judged_against_the_references(double growth, string title)
    {
        string[] known = [Unlearns, PushedAway, MayHaveSuffered, NotUnlearned];
        IReadOnlyList<Finding> findings = Of(step => Step(step, winners: 0.2 * growth, losers: 0.2 * growth + 0.001, reference: 0.2));
        Assert.Equal([title], findings.Select(one => one.Title).Intersect(known));
        Assert.Equal(title == Unlearns, findings[0].Title == title); // the verdict, although held-out accuracy is good
    }

    [Theory]
    [InlineData(0.2, false)]
    [InlineData(0.3, true)]
    public void Losers_are_not_pushed_away_for_ever(double growth, bool isAlarm) => Assert.Equal(isAlarm, Titles(step => Step(step, losers: 0.1 * growth)).Contains(PushedAway));

    [Fact]
    public void Only_the_end_counts() => Assert.DoesNotContain(Unlearns, Titles(step => Step(step, winners: step < 90 ? 0.05 : 0.0001)));

    [Fact]
    public void A_step_without_numbers_does_not_hide_the_alarm() => Assert.Contains(Unlearns, Titles(step => Step(step, winners: step == 95 ? double.NaN : 0.05)));

    [Fact]
    public void Without_the_references_error_nothing_is_said_about_drawing() =>
        Assert.DoesNotContain(Titles(step => Step(step, reference: 0)), title => title is Unlearns or NotUnlearned or PushedAway or MayHaveSuffered);

    [Theory]
    [InlineData(0.6931, 0.001, true)]
    [InlineData(0.6931, 0.02, false)]
    [InlineData(0.72, 0.001, false)] // it has moved, but knows nothing: the labels have no pattern
    [InlineData(0.65, 0.1, false)]
    public void A_model_that_has_not_moved_is_told_from_one_that_learns_nothing(double loss, double margin, bool isStill) =>
        Assert.Equal(isStill, Titles(step => Step(step, loss, margin: margin)).Contains(Still));

    [Fact]
    public void A_model_in_its_warm_up_may_stand_still()
    {
        string[] start = [.. Enumerable.Range(1, 30).Select(step => Step(step, Math.Log(2), margin: 0))];
        Assert.Contains(Still, Titles(TinyFacts.Of(start, isFinished: false)));
        Assert.DoesNotContain(Still, Titles(TinyFacts.Of(start, false, TinyFacts.File with { Optimizer = TinyFacts.File.Optimizer with { WarmupSteps = 25 } })));
        Assert.DoesNotContain(Still, Titles(TinyFacts.Of(start[..5], isFinished: false)));
    }

    [Theory]
    [InlineData(0.7, false)]
    [InlineData(0.75, true)]
    [InlineData(1e6, true)]
    public void A_loss_above_its_start_is_an_alarm(double loss, bool isAlarm) => Assert.Equal(isAlarm, Titles(step => Step(step, loss)).Contains(Rose));

    [Theory]
    [InlineData(0.7, 0.65, 0.75, "The model has learned the preferences: it agrees with 70.0 % of 200 unseen comparisons.")]
    [InlineData(0.55, 0.48, 0.62, Unproven)]
    [InlineData(0.5, 0.5, 0.5, Unproven)]
    [InlineData(0.4, 0.34, 0.46, Opposes)]
    public void Unseen_comparisons_decide_what_was_learned(double accuracy, double lower, double upper, string title)
    {
        IReadOnlyList<Finding> findings = Findings.Of(TinyFacts.Of([.. Steps(step => Step(step)), HeldOut(100, accuracy, lower, upper)]));
        Assert.Equal(title, findings[0].Title);
        Assert.Equal(lower > 0.5 ? FindingWeight.Fine : FindingWeight.Alarm, findings[0].Weight);
        Assert.Single(findings, one => one.Title is Unproven or Opposes || one.Title.StartsWith("The model has learned", StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_under_way_need_not_have_learned_yet() => Assert.Equal(
        (FindingWeight.Note, "Nothing is proven to be learned yet."),
        Pair(Findings.Of(TinyFacts.Of([.. Enumerable.Range(1, 50).Select(step => Step(step)), HeldOut(50, 0.55, 0.48, 0.62)], isFinished: false))[0]));

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(0, 0, 0)]
    public void A_few_comparisons_prove_nothing(double accuracy, double lower, double upper) => Assert.Equal(
        (FindingWeight.Note, "4 held-out comparisons are too few to tell what was learned."),
        Pair(Findings.Of(TinyFacts.Of([.. Steps(step => Step(step)), HeldOut(100, accuracy, lower, upper, pairs: 4)]))[0]));

    [Theory]
    [InlineData(0.8, false)]
    [InlineData(0.95, true)]
    public void Training_pairs_known_by_heart_are_noted(double training, bool isNoted) => Assert.Equal(isNoted, Titles(step => Step(step, accuracy: training)).Contains(Memorises));

    [Fact]
    public void What_a_few_comparisons_say_is_not_held_against_training_pairs() =>
        Assert.DoesNotContain(Memorises, Titles(TinyFacts.Of([.. Steps(step => Step(step)), HeldOut(100, 0, 0, 0, pairs: 4)])));

    [Fact]
    public void Nothing_held_out_is_noted_first() => Assert.Equal(
        (FindingWeight.Note, "No comparisons were held out."),
        Pair(Findings.Of(TinyFacts.Of(Steps(step => Step(step)), file: TinyFacts.File with { Data = TinyFacts.File.Data with { HeldOut = [] } }))[0]));

    [Fact]
    public void Supervised_fine_tuning_has_its_own_words()
    {
        Finding finding = Assert.Single(Findings.Of(TinyFacts.Of(Steps(step => SftStep(step, step <= 50 ? 0.3 : 0.2)))));
        Assert.Equal((FindingWeight.Note, "Supervised fine-tuning: no preferences were compared."), Pair(finding));
        Assert.Contains("was 0.3 in the first tenth of the steps and is 0.2 in the last", finding.Text, StringComparison.Ordinal);
    }

    /// <summary>Each loss begins elsewhere: what is a rise of one is the start of another.</summary>
    [Theory]
    [InlineData(ObjectiveType.Hinge, 1.0, false)]
    [InlineData(ObjectiveType.Hinge, 1.1, true)]
    [InlineData(ObjectiveType.Ipo, 0.25, false)]
    [InlineData(ObjectiveType.Ipo, 0.31, true)]
    [InlineData(ObjectiveType.Robust, 0.7, false)]
    [InlineData(ObjectiveType.Mapo, 1e6, false)]
    public void A_loss_is_judged_by_where_it_began(ObjectiveType type, double loss, bool isAlarm) => Assert.Equal(
        isAlarm, Titles(TinyFacts.Of([.. Steps(step => Step(step, loss))], file: TinyFacts.With(new() { Type = type }))).Contains(Rose));

    [Theory]
    [InlineData(ObjectiveType.Hinge, 1, true)]
    [InlineData(ObjectiveType.Hinge, 0.69, false)]
    [InlineData(ObjectiveType.Ipo, 0.25, true)]
    [InlineData(ObjectiveType.Mapo, 0.69, false)]
    public void Standing_still_is_to_stay_where_the_loss_began(ObjectiveType type, double loss, bool isStill) => Assert.Equal(
        isStill, Titles(TinyFacts.Of([.. Steps(step => Step(step, loss, margin: 0))], file: TinyFacts.With(new() { Type = type }))).Contains(Still));

    /// <summary>Without a reference one half means nothing: the base model has an accuracy of its own.</summary>
    [Theory]
    [InlineData(0.70, 0.65, 0.75, "The model has learned the preferences: it agrees with 70.0 % of 200 unseen comparisons.")]
    [InlineData(0.60, 0.53, 0.67, Unproven)]
    [InlineData(0.50, 0.44, 0.56, Opposes)]
    public void Without_a_reference_the_base_models_own_accuracy_is_the_measure(double accuracy, double lower, double upper, string title)
    {
        string[] lines = [HeldOut(0, 0.58, 0.51, 0.65), .. Steps(step => MapoStep(step)), HeldOut(100, accuracy, lower, upper)];
        Finding verdict = Findings.Of(TinyFacts.Of(lines, file: TinyFacts.With(new() { Type = ObjectiveType.Mapo })))[0];
        Assert.Equal(title, verdict.Title);
        Assert.Contains("58.0 %", verdict.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_that_is_not_finite_is_the_verdict()
    {
        Finding finding = Findings.Of(TinyFacts.Of(Steps(step => Step(step, step >= 40 ? double.NaN : 0.6))))[0];
        Assert.Equal((FindingWeight.Alarm, "Training has diverged."), Pair(finding));
        Assert.Contains("61 steps have no finite loss or gradient, the first of them step 40", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void How_an_unfinished_run_ended_comes_first_and_is_forgotten_when_it_goes_on()
    {
        string[] failed = [Event("environment"), Step(1), Event("error", "step 2: loss NaN")];
        Assert.Equal((FindingWeight.Alarm, "Failed after step 1 of 100."), Pair(Findings.Of(TinyFacts.Of(failed, isFinished: false))[0]));
        Assert.Equal("step 2: loss NaN", Findings.Of(TinyFacts.Of(failed, isFinished: false))[0].Text);
        Assert.Equal((FindingWeight.Note, "Stopped at step 1 of 100."), Pair(Findings.Of(TinyFacts.Of([.. failed[..2], Event("stopped", "on request")], isFinished: false))[0]));
        Assert.DoesNotContain(Findings.Of(TinyFacts.Of([.. failed, Event("environment")], isFinished: false)), one => one.Title.StartsWith("Failed", StringComparison.Ordinal));
        Assert.DoesNotContain(Findings.Of(TinyFacts.Of(failed, isFinished: true)), one => one.Title.StartsWith("Failed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.01, false)]
    [InlineData(0.1, true)]
    public void Waiting_for_data_is_noted_but_not_the_first_wait(double seconds, bool isNoted)
    {
        string[] titles = Titles(step => Step(step).Replace("\"data\":0.01", $"\"data\":{(step == 1 ? 1000 : seconds)}", StringComparison.Ordinal));
        Assert.Equal(isNoted, titles.Any(title => title.EndsWith("of the time is spent waiting for data.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Rows_that_could_not_be_used_are_counted()
    {
        Assert.Contains("One row could not be used.", Titles(TinyFacts.Of([Event("bad-row")])));
        Assert.Contains("2 rows could not be used.", Titles(TinyFacts.Of([Event("bad-row"), Event("bad-row")])));
    }

    [Fact]
    public void Missing_pictures_are_explained() => Assert.Contains("There are no pictures to compare.", Titles(TinyFacts.Of([Event("samples-failed", "why")])));

    [Fact]
    public void Nothing_is_found_where_nothing_happened() => Assert.Empty(Findings.Of(TinyFacts.Of([], isFinished: false)));

    private static string[] Steps(Func<int, string> step) => [.. Enumerable.Range(1, 100).Select(step)];

    /// <summary>A run whose unseen comparisons went well.</summary>
    private static IReadOnlyList<Finding> Of(Func<int, string> step) => Findings.Of(TinyFacts.Of([.. Steps(step), HeldOut(100, 0.7, 0.65, 0.75)]));

    private static string[] Titles(Func<int, string> step) => [.. Of(step).Select(one => one.Title)];

    private static string[] Titles(RunFacts facts) => [.. Findings.Of(facts).Select(one => one.Title)];

    private static (FindingWeight Weight, string Title) Pair(Finding finding) => (finding.Weight, finding.Title);
}
