using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Configuration;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layouts;

/// <summary>
/// Single files hold no schedule. Programs mark those of SDXL models that were trained on another one than the published by tensors of no network, which ComfyUI,
/// diffusers and others look for.
/// </summary>
internal static class PredictionMarks
{
    private const string Velocity = "v_pred";
    private const string ZeroSnr = "ztsnr";

    // Zero terminal SNR, and the noise of EDM (Karras et al. 2022), with ε or velocity: no schedule here is so.
    private static readonly string[] Unsupported = [ZeroSnr, "edm_mean", "edm_std", "edm_vpred.sigma_max", "edm_vpred.sigma_min"];

    /// <summary>The marks in a file, as they are to be written again.</summary>
    public static IEnumerable<TensorToWrite> In(Weights weights) =>
        weights.Entries.Values.Where(entry => entry.Name == Velocity || Unsupported.Contains(entry.Name)).Select(entry => new TensorToWrite(entry.Name, entry.Type, entry.Shape, () => weights.GetTensor(entry.Name)));

    /// <summary>The marks that a model gets in a single file: of SDXL alone; other families are not told apart so.</summary>
    public static IEnumerable<TensorToWrite> Of(ModelDirectory model)
    {
        if (!model.Components.Contains(ModelConfigs.TextEncoder2) || ScheduleOf(model) is not { } schedule) yield break;
        if (schedule.IsOfVelocity) yield return TensorToWrite.Of(Velocity, empty(0));
        if (schedule.RescaleBetasZeroSnr == true) yield return TensorToWrite.Of(ZeroSnr, empty(0));
    }

    /// <summary>Refuses a file whose schedule is not the published one.</summary>
    /// <exception cref="RunException">User error.</exception>
    public static void RefuseUnlessPublished(Weights weights, PublishedFamily family)
    {
        RefuseUnsupported(weights);
        if (!weights.Entries.ContainsKey(Velocity)) return;
        throw new RunException(
            ExitClass.UserError,
            $"{weights.Path} is marked as predicting velocity ({Velocity}), which {family.Title} as published does not; give --like MODEL, a model directory whose scheduler says so");
    }

    /// <summary>Refuses a file whose schedule is not that of a model directory.</summary>
    /// <exception cref="RunException">User error.</exception>
    public static void RefuseUnlessLike(Weights weights, ModelDirectory like)
    {
        RefuseUnsupported(weights);
        if (!weights.Entries.ContainsKey(Velocity) || ScheduleOf(like) is not { IsOfVelocity: false }) return;
        throw new RunException(
            ExitClass.UserError, $"{weights.Path} is marked as predicting velocity ({Velocity}), and {SchedulerOf(like)} does not say v_prediction; give --like MODEL, a model directory whose scheduler says so");
    }

    private static void RefuseUnsupported(Weights weights)
    {
        if (Unsupported.FirstOrDefault(weights.Entries.ContainsKey) is { } mark)
            throw new RunException(ExitClass.UserError, $"{weights.Path} is marked as trained on noise of another schedule ({mark}: zero terminal SNR or EDM), which is not supported; take a model without");
    }

    private static Schedule? ScheduleOf(ModelDirectory model) =>
        SchedulerOf(model) is var path && File.Exists(path) ? ModelConfigJson.ReadFile<Schedule>(path, "{}") : null;

    private static string SchedulerOf(ModelDirectory model) => Path.Combine(model.Path, "scheduler", "scheduler_config.json");

    // What is told of a schedule here, also of one that cannot be trained on.
    private sealed record Schedule
    {
        public string? PredictionType { get; init; }

        public bool? RescaleBetasZeroSnr { get; init; }

        public bool IsOfVelocity => PredictionType == "v_prediction";
    }
}
