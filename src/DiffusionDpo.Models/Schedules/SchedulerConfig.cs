using System.Text.Json.Serialization;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Configuration;

namespace DiffusionDpo.Models.Schedules;

/// <summary>
/// A model's <c>scheduler/scheduler_config.json</c>. The file names one scheduler class, yet training and every sampler read it: a key that
/// is absent, and null here, takes the default of whoever reads it.
/// </summary>
public sealed record SchedulerConfig
{
    // key → values that are implemented; what a single sampler needs (skip_prk_steps, clip_sample) that sampler checks
    private const string Supported = """
        {
          "beta_schedule": ["linear", "scaled_linear"], "trained_betas": [null], "rescale_betas_zero_snr": [false],
          "prediction_type": ["epsilon", "v_prediction"], "timestep_spacing": ["leading", "linspace"], "thresholding": [false],
          "use_karras_sigmas": [false, null], "use_exponential_sigmas": [false, null], "use_beta_sigmas": [false, null],
          "sigma_min": [null], "sigma_max": [null], "interpolation_type": ["linear"], "timestep_type": ["discrete"],
          "final_sigmas_type": ["zero"]
        }
        """;

    private static readonly string[] OtherProcesses = ["FlowMatch", "EDM"];

    /// <summary>The scheduler class that wrote the file; absent: none is known.</summary>
    [JsonPropertyName("_class_name")]
    public string? ClassName { get; init; }

    /// <summary>Timesteps of the forward process, T.</summary>
    public int NumTrainTimesteps { get; init; } = 1000;

    /// <summary>Variance β of the noise that the first timestep adds.</summary>
    public double BetaStart { get; init; } = 0.0001;

    /// <summary>Variance β of the noise that the last timestep adds.</summary>
    public double BetaEnd { get; init; } = 0.02;

    /// <summary>How β grows from the first timestep to the last.</summary>
    public BetaSchedule BetaSchedule { get; init; }

    /// <summary>What the network was trained to predict.</summary>
    public PredictionType PredictionType { get; init; }

    /// <summary>How a sampler spreads its steps over the T timesteps; absent: leading, for Euler linspace.</summary>
    public TimestepSpacing? TimestepSpacing { get; init; }

    /// <summary>Added to every timestep of leading spacing.</summary>
    public int StepsOffset { get; init; }

    /// <summary>Whether the last step of DDIM and PNDM ends at ᾱ = 1 instead of at the ᾱ of timestep 0; absent: DDIM yes, PNDM no.</summary>
    public bool? SetAlphaToOne { get; init; }

    /// <summary>Whether DDIM clips the predicted clean sample; absent: yes.</summary>
    public bool? ClipSample { get; init; }

    /// <summary>Whether PNDM starts with multistep updates at once, without Runge–Kutta steps; absent: no.</summary>
    public bool? SkipPrkSteps { get; init; }

    /// <summary>Where it was read, for error messages.</summary>
    [JsonIgnore]
    public string Place { get; private init; } = "scheduler_config.json";

    /// <summary>Reads the configuration from a file.</summary>
    /// <param name="path">A <c>scheduler_config.json</c>.</param>
    /// <exception cref="RunException">The file is missing, is not JSON, or a value is out of range or not supported.</exception>
    public static SchedulerConfig FromFile(string path) => ModelConfigJson.ReadFile<SchedulerConfig>(path, Supported).Checked(path);

    /// <summary>Reads the configuration from text.</summary>
    /// <param name="json">A JSON object; unknown keys are ignored.</param>
    /// <param name="place">What an error message calls it.</param>
    /// <exception cref="RunException">It is not JSON, or a value is out of range or not supported.</exception>
    public static SchedulerConfig FromJson(string json, string place) =>
        ModelConfigJson.Parse<SchedulerConfig>(json, place, Supported).Checked(place);

    private SchedulerConfig Checked(string place)
    {
        // Another process than that of DDPM; such a file has none of the keys above, and would be taken for one that leaves all at their defaults.
        bool isOfAnother = OtherProcesses.Any(name => ClassName?.Contains(name, StringComparison.Ordinal) == true);
        ModelConfigJson.Require(!isOfAnother, place, "_class_name", ClassName, "flow matching and EDM are not supported: give a model that was trained with DDPM's noise");
        ModelConfigJson.Require(NumTrainTimesteps is >= 2 and <= 1_000_000, place, "num_train_timesteps", NumTrainTimesteps, "it must be 2 to 1000000");
        ModelConfigJson.Require(BetaStart is > 0 and < 1, place, "beta_start", BetaStart, "it must be between 0 and 1");
        ModelConfigJson.Require(BetaEnd >= BetaStart && BetaEnd < 1, place, "beta_end", BetaEnd, "it must be between beta_start and 1");
        ModelConfigJson.Require(StepsOffset >= 0, place, "steps_offset", StepsOffset, "it must not be negative");
        return this with { Place = place };
    }
}

/// <summary>What a network predicts.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PredictionType>))]
public enum PredictionType
{
    /// <summary>The noise ε (Ho et al. 2020).</summary>
    [JsonStringEnumMemberName("epsilon")] Epsilon,

    /// <summary>The velocity v = √ᾱ·ε − √(1 − ᾱ)·x_0 (Salimans and Ho 2022).</summary>
    [JsonStringEnumMemberName("v_prediction")] VPrediction,
}

/// <summary>How β grows from the first timestep to the last.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BetaSchedule>))]
public enum BetaSchedule
{
    /// <summary>β grows linearly.</summary>
    [JsonStringEnumMemberName("linear")] Linear,

    /// <summary>√β grows linearly (latent diffusion).</summary>
    [JsonStringEnumMemberName("scaled_linear")] ScaledLinear,
}

/// <summary>How a sampler spreads its steps over the training timesteps (Lin et al. 2023, table 2).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TimestepSpacing>))]
public enum TimestepSpacing
{
    /// <summary>Whole multiples of T/steps from 0 upwards, plus an offset; the last training timestep is not reached.</summary>
    [JsonStringEnumMemberName("leading")] Leading,

    /// <summary>Evenly from 0 to T − 1, both included.</summary>
    [JsonStringEnumMemberName("linspace")] Linspace,
}
