using DiffusionDpo.Api.Validation.Rules;

namespace DiffusionDpo.Api.Validation;

/// <summary>All rules between fields of a fine-tune.</summary>
internal static class FineTuneRules
{
    /// <summary>All rules, in the order in which they are reported.</summary>
    public static IReadOnlyList<FineTuneRule> All { get; } =
    [
        OutputIsNotTheModel.Rule,
        SourcesDiffer.Rule,
        HeldOutIsSeparate.Rule,
        HeldOutIsGiven.Rule,
        FeedbackIsDescribed.Rule,
        HeadIsForAesthetic.Rule,
        AntialiasIsForHps.Rule,
        ResolutionFitsLatents.Rule,
        CacheNeedsCenterCrop.Rule,
        ReferenceCacheNeedsLatents.Rule,
        ReferenceCacheNeedsReference.Rule,
        BetaNeedsReference.Rule,
        LabelSmoothingNeedsLabels.Rule,
        RobustNeedsLabelSmoothing.Rule,
        AnchorNeedsReference.Rule,
        SafeguardNeedsReference.Rule,
        SafeguardMarginNeedsSafeguard.Rule,
        MarginWeightNeedsMapo.Rule,
        TimestepsAreARange.Rule,
        PrecisionComputes.Rule,
        Tf32NeedsGpu.Rule,
        WorldDividesBatch.Rule,
        WarmupFitsSteps.Rule,
        RankNeedsLora.Rule,
        AlphaNeedsLora.Rule,
        TargetsNeedLora.Rule,
        MomentsNeedAdamW.Rule,
        ElasticRangeHoldsCount.Rule,
        ModelCacheHasOnePlace.Rule,
        VolumesHaveOneSource.Rule,
        VolumesDiffer.Rule,
        BackoffGrows.Rule,
        S3EndpointIsPlain.Rule,
        AzureEndpointIsPlain.Rule,
    ];
}
