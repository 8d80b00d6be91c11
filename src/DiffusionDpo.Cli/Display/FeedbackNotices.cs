using System.Text.Json;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Cli.Stages;
using DiffusionDpo.Data.Feedback;

namespace DiffusionDpo.Cli.Display;

/// <summary>Says what comes of labels by a scorer in words and fields.</summary>
internal static class FeedbackNotices
{
    /// <summary>The event of labels that are made, by which it is found again in a run's log.</summary>
    public const string FeedbackEvent = "feedback";

    /// <summary>A shard has its scores.</summary>
    /// <param name="progress">How many have.</param>
    public static Notice Of(FeedbackProgress progress) => new(
        "scored",
        $"{progress.Shard}: {(progress.IsReused ? "scores are there already" : "scored")}, {progress.Done:N0} of {progress.Shards:N0} shards, {progress.ImagesEmbedded:N0} images now",
        new Dictionary<string, object?>
        {
            ["shard"] = progress.Shard,
            ["done"] = progress.Done,
            ["shards"] = progress.Shards,
            ["reused"] = progress.IsReused,
            ["images"] = progress.ImagesEmbedded,
        });

    /// <summary>All pairs have their labels.</summary>
    /// <param name="scorer">Which scorer made them.</param>
    /// <param name="facts">What came out.</param>
    public static Notice Of(ScorerType scorer, FeedbackFacts facts) => new(
        FeedbackEvent,
        $"labels by {JsonNamingPolicy.CamelCase.ConvertName($"{scorer}")}: {facts.Pairs:N0} pairs of {facts.Rows:N0} rows, {facts.Ties:N0} ties, {facts.BadRows:N0} bad; {AgreementOf(facts)}",
        Fields(scorer, facts));

    /// <summary>Who made the labels of a run, and how far people agree, from its log.</summary>
    /// <param name="logged">The event.</param>
    public static string LabelsOf(LoggedEvent logged) => logged.Number("agreement") is { } agreement
        ? $"by {logged.Text("scorer")}, which agrees with people in {100 * agreement:F1} % of {logged.Number("compared"):N0} pairs"
        : $"by {logged.Text("scorer")}";

    private static Dictionary<string, object?> Fields(ScorerType scorer, FeedbackFacts facts) => new()
    {
        ["scorer"] = JsonNamingPolicy.CamelCase.ConvertName($"{scorer}"),
        ["scorerHash"] = facts.Scorer,
        ["scores"] = facts.Place,
        ["tieThreshold"] = facts.TieThreshold,
        ["rows"] = facts.Rows,
        ["pairs"] = facts.Pairs,
        ["ties"] = facts.Ties,
        ["bad"] = facts.BadRows,
        ["pairsAdded"] = facts.PairsAdded,
        ["pairsDropped"] = facts.PairsDropped,
        ["compared"] = facts.Compared,
        ["agreement"] = facts.Agreement,
        ["kappa"] = facts.Kappa,
        ["kappaWithTies"] = facts.KappaWithTies,
        ["confusion"] = facts.Confusion,
        ["meanMarginAgreeing"] = facts.MeanMarginAgreeing,
        ["meanMarginDisagreeing"] = facts.MeanMarginDisagreeing,
        ["imagesEmbedded"] = facts.ImagesEmbedded,
        ["scoresComputed"] = facts.ScoresComputed,
        ["shardsReused"] = facts.ShardsReused,
        ["shardsScored"] = facts.ShardsScored,
    };

    private static string AgreementOf(FeedbackFacts facts) => facts.Agreement is { } agreement
        ? $"agrees with people in {100 * agreement:F1} % of {facts.Compared:N0} pairs{(facts.Kappa is { } kappa ? $" (kappa {kappa:F2})" : "")}"
        : "no pair to compare with people's labels";
}
