using System.Text.Json.Serialization;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Validation;
using DiffusionDpo.Api.Validation.Rules;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.FineTunes;

/// <summary>A Diffusion-DPO fine-tune: a base model, preference pairs, and where the result goes.</summary>
[KubernetesEntity(Group = KubeGroup, ApiVersion = KubeApiVersion, Kind = KubeKind, PluralName = KubePluralName)]
[KubernetesEntityShortNames("dft")]
[EntityScope(EntityScope.Namespaced)]
[ValidationRule(FineTuneName.Cel, message: FineTuneName.Message)]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string")]
[GenericAdditionalPrinterColumn(".status.steps", "Step", "string", Description = "Optimizer steps done and to do")]
[GenericAdditionalPrinterColumn(".status.progress.loss", "Loss", "number")]
[GenericAdditionalPrinterColumn(".status.progress.implicitAccuracy", "Acc", "number", Description = "Implicit accuracy of the last step")]
[GenericAdditionalPrinterColumn(".status.attemptCount", "Attempts", "integer")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public sealed class DpoFineTune : CustomKubernetesEntity<DpoFineTuneSpec, DpoFineTuneStatus>
{
    /// <summary>The API group.</summary>
    public const string KubeGroup = "diffusiondpo.io";

    /// <summary>The version of this type.</summary>
    public const string KubeApiVersion = "v1alpha1";

    /// <summary>The kind.</summary>
    public const string KubeKind = "DpoFineTune";

    /// <summary>The resource's name in URLs.</summary>
    public const string KubePluralName = "dpofinetunes";

    /// <summary>Group and version as documents write them.</summary>
    public const string GroupVersion = $"{KubeGroup}/{KubeApiVersion}";

    /// <summary>An empty fine-tune of this version.</summary>
    public DpoFineTune()
    {
        ApiVersion = GroupVersion;
        Kind = KubeKind;
    }
}

/// <summary>What to train, on what, and how.</summary>
[ValidationRule(OutputIsNotTheModel.Cel, "." + OutputIsNotTheModel.Path, OutputIsNotTheModel.Message)]
[ValidationRule(SourcesDiffer.Cel, "." + SourcesDiffer.Path, SourcesDiffer.Message)]
[ValidationRule(HeldOutIsSeparate.Cel, "." + HeldOutIsSeparate.Path, HeldOutIsSeparate.Message)]
[ValidationRule(HeldOutIsGiven.Cel, "." + HeldOutIsGiven.Path, HeldOutIsGiven.Message)]
[ValidationRule(FeedbackIsDescribed.Cel, "." + FeedbackIsDescribed.Path, FeedbackIsDescribed.Message)]
[ValidationRule(HeadIsForAesthetic.Cel, "." + HeadIsForAesthetic.Path, HeadIsForAesthetic.Message)]
[ValidationRule(AntialiasIsForHps.Cel, "." + AntialiasIsForHps.Path, AntialiasIsForHps.Message)]
[ValidationRule(ResolutionFitsLatents.Cel, "." + ResolutionFitsLatents.Path, ResolutionFitsLatents.Message)]
[ValidationRule(BetaNeedsReference.Cel, "." + BetaNeedsReference.Path, BetaNeedsReference.Message)]
[ValidationRule(LabelSmoothingNeedsLabels.Cel, "." + LabelSmoothingNeedsLabels.Path, LabelSmoothingNeedsLabels.Message)]
[ValidationRule(RobustNeedsLabelSmoothing.Cel, "." + RobustNeedsLabelSmoothing.Path, RobustNeedsLabelSmoothing.Message)]
[ValidationRule(AnchorNeedsReference.Cel, "." + AnchorNeedsReference.Path, AnchorNeedsReference.Message)]
[ValidationRule(SafeguardNeedsReference.Cel, "." + SafeguardNeedsReference.Path, SafeguardNeedsReference.Message)]
[ValidationRule(SafeguardMarginNeedsSafeguard.Cel, "." + SafeguardMarginNeedsSafeguard.Path, SafeguardMarginNeedsSafeguard.Message)]
[ValidationRule(MarginWeightNeedsMapo.Cel, "." + MarginWeightNeedsMapo.Path, MarginWeightNeedsMapo.Message)]
[ValidationRule(TimestepsAreARange.Cel, "." + TimestepsAreARange.Path, TimestepsAreARange.Message)]
[ValidationRule(PrecisionComputes.Cel, "." + PrecisionComputes.Path, PrecisionComputes.Message)]
[ValidationRule(Tf32NeedsGpu.Cel, "." + Tf32NeedsGpu.Path, Tf32NeedsGpu.Message)]
[ValidationRule(WorldDividesBatch.Cel, "." + WorldDividesBatch.Path, WorldDividesBatch.Message)]
[ValidationRule(WarmupFitsSteps.Cel, "." + WarmupFitsSteps.Path, WarmupFitsSteps.Message)]
[ValidationRule(RankNeedsLora.Cel, "." + RankNeedsLora.Path, RankNeedsLora.Message)]
[ValidationRule(AlphaNeedsLora.Cel, "." + AlphaNeedsLora.Path, AlphaNeedsLora.Message)]
[ValidationRule(TargetsNeedLora.Cel, "." + TargetsNeedLora.Path, TargetsNeedLora.Message)]
[ValidationRule(MomentsNeedAdamW.Cel, "." + MomentsNeedAdamW.Path, MomentsNeedAdamW.Message)]
[ValidationRule(ElasticRangeHoldsCount.Cel, "." + ElasticRangeHoldsCount.Path, ElasticRangeHoldsCount.Message)]
[ValidationRule(ModelCacheHasOnePlace.Cel, "." + ModelCacheHasOnePlace.Path, ModelCacheHasOnePlace.Message)]
[ValidationRule(VolumesHaveOneSource.Cel, "." + VolumesHaveOneSource.Path, VolumesHaveOneSource.Message)]
[ValidationRule(VolumesDiffer.Cel, "." + VolumesDiffer.Path, VolumesDiffer.Message)]
[ValidationRule(CacheNeedsCenterCrop.Cel, "." + CacheNeedsCenterCrop.Path, CacheNeedsCenterCrop.Message)]
[ValidationRule(ReferenceCacheNeedsLatents.Cel, "." + ReferenceCacheNeedsLatents.Path, ReferenceCacheNeedsLatents.Message)]
[ValidationRule(ReferenceCacheNeedsReference.Cel, "." + ReferenceCacheNeedsReference.Path, ReferenceCacheNeedsReference.Message)]
[ValidationRule(BackoffGrows.Cel, "." + BackoffGrows.Path, BackoffGrows.Message)]
[ValidationRule(S3EndpointIsPlain.Cel, "." + S3EndpointIsPlain.Path, S3EndpointIsPlain.Message)]
[ValidationRule(AzureEndpointIsPlain.Cel, "." + AzureEndpointIsPlain.Path, AzureEndpointIsPlain.Message)]
[ValidationRule(Immutability.SameRun + "self.preset == oldSelf.preset", ".preset", Immutability.Message)]
[ValidationRule(Immutability.SameRun + "self.model == oldSelf.model", ".model", Immutability.Message)]
[ValidationRule(Immutability.SameRun + "self.data == oldSelf.data", ".data", Immutability.Message)]
[ValidationRule(Immutability.SameRun + "self.training == oldSelf.training", ".training", Immutability.Message)]
[ValidationRule(Immutability.SameRun + "self.adapter == oldSelf.adapter", ".adapter", Immutability.Message)]
[ValidationRule(Immutability.SameRun + "self.optimizer == oldSelf.optimizer", ".optimizer", Immutability.Message)]
[ValidationRule(Immutability.SameRun + "self.output == oldSelf.output", ".output", Immutability.Message)]
[ValidationRule(Immutability.SameRun + Immutability.CheckpointsStay, ".checkpoints.uri", Immutability.Message)]
public sealed record DpoFineTuneSpec
{
    /// <summary>Fills what is left open below; docs/presets.md lists the numbers.</summary>
    public PresetName Preset { get; init; } = PresetName.Recommended;

    /// <summary>The base model.</summary>
    [Required]
    public ModelOptions Model { get; init; } = null!;

    /// <summary>The preference pairs.</summary>
    [Required]
    public DataOptions Data { get; init; } = null!;

    /// <summary>Objective and extent of training.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Which weights are trained.</summary>
    public AdapterOptions Adapter { get; init; } = new();

    /// <summary>The optimizer and its schedule.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>When the state of training is saved.</summary>
    public CheckpointOptions Checkpoints { get; init; } = new();

    /// <summary>Where the run lives and what it delivers.</summary>
    [Required]
    public OutputOptions Output { get; init; } = null!;

    /// <summary>What is measured besides the training loss.</summary>
    public EvaluationOptions Evaluation { get; init; } = new();

    /// <summary>How object storage is reached.</summary>
    public StorageOptions Storage { get; init; } = new();

    /// <summary>The pods that the run gets.</summary>
    public WorkerOptions Workers { get; init; } = new();

    /// <summary>How often a failed stage is tried again.</summary>
    public RetryPolicyOptions RetryPolicy { get; init; } = new();

    /// <summary>Which run this is. A finished run never starts again; another value starts a new one.</summary>
    [Length(1, 63), Pattern(TextPatterns.LabelValue)]
    public string RunId { get; init; } = "1";

    /// <summary>Saves the run's state and gives its pods back until this is false again.</summary>
    public bool Suspend { get; init; }

    /// <summary>Seconds after which the run fails, suspensions not counted. Unset: never.</summary>
    [RangeMinimum(1), RangeMaximum(315_360_000)]
    public int? ActiveDeadlineSeconds { get; init; }

    /// <summary>Seconds after the end at which Jobs, pods and Services are deleted; the fine-tune stays. Unset: never.</summary>
    [RangeMinimum(0), RangeMaximum(315_360_000)]
    public int? TtlSecondsAfterFinished { get; init; }

    /// <summary>How tools that wait for readiness see the fine-tune.</summary>
    public GitOpsOptions GitOps { get; init; } = new();

    /// <summary>What is deleted together with the fine-tune. Unset: nothing in storage.</summary>
    public CleanupOptions? Cleanup { get; init; }
}

/// <summary>How the run is doing.</summary>
public sealed record DpoFineTuneStatus
{
    /// <summary>The generation of the specification that this status is about.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The run that this status is about.</summary>
    [Length(maxLength: 63)]
    public string? RunId { get; init; }

    /// <summary>The state in one word; <see cref="Conditions"/> have the details.</summary>
    public FineTunePhase? Phase { get; init; }

    /// <summary>What is true about the run, one condition per type.</summary>
    [Items(0, 32), XListType(XListType.Map), XListMapKeys("type")]
    public IReadOnlyList<V1Condition> Conditions { get; init; } = [];

    /// <summary>How far the stage Prepare was when its last numbers were taken.</summary>
    public PreparationStatus? Preparation { get; init; }

    /// <summary>How far training is.</summary>
    public TrainingProgress? Progress { get; init; }

    /// <summary>Optimizer steps done and to do as listings show them, such as 120/2000.</summary>
    [Length(maxLength: 63)]
    public string? Steps { get; init; }

    /// <summary>The newest complete checkpoint.</summary>
    public CheckpointStatus? LastCheckpoint { get; init; }

    /// <summary>When the run was accepted.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>When the run was complete or given up.</summary>
    public DateTimeOffset? CompletionTime { get; init; }

    /// <summary>Since when the run is not suspended. Unset: it is, or it has ended.</summary>
    public DateTimeOffset? ActiveSince { get; init; }

    /// <summary>Seconds that the run was active before <see cref="ActiveSince"/>, for activeDeadlineSeconds.</summary>
    public double? ActiveSeconds { get; init; }

    /// <summary>GPU seconds that the run's ended attempts held.</summary>
    public double? GpuSeconds { get; init; }

    /// <summary>GPU seconds of these that no checkpoint kept.</summary>
    public double? LostGpuSeconds { get; init; }

    /// <summary>What is used up of the retry policy.</summary>
    public RetryStatus? Retries { get; init; }

    /// <summary>Attempts of this run so far.</summary>
    public int? AttemptCount { get; init; }

    /// <summary>The last ten attempts, oldest first.</summary>
    [Items(0, 10)]
    public IReadOnlyList<AttemptStatus> Attempts { get; init; } = [];
}

/// <summary>The state of a run in one word.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FineTunePhase>))]
public enum FineTunePhase
{
    /// <summary>Not started: waiting for admission, nodes or data.</summary>
    Pending,

    /// <summary>Preparing, training or exporting.</summary>
    Running,

    /// <summary>Between two attempts.</summary>
    Restarting,

    /// <summary>Saved and stopped on request.</summary>
    Suspended,

    /// <summary>The model is exported.</summary>
    Complete,

    /// <summary>Given up; the condition Failed says why.</summary>
    Failed,
}
