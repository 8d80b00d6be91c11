using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Schedules;

public sealed class NoiseScheduleTests
{
    private const string StableDiffusion = """{"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "prediction_type": "epsilon"}""";

    public static TheoryData<string> Families =>
        [.. Goldens.Files("*_ddpm.safetensors", "schedulers").Select(file => Path.GetFileName(file).Replace("_ddpm.safetensors", ""))];

    [Theory]
    [MemberData(nameof(Families))]
    [Trait("Category", "Parity")]
    public void Tables_are_the_references(string family)
    {
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile golden = Goldens.Open("schedulers", $"{family}_ddpm.safetensors");
        using NoiseSchedule schedule = Schedule(family);
        Close(golden.GetTensor("betas"), Table(schedule.Betas));
        Close(golden.GetTensor("alphas_cumprod"), Table(schedule.AlphasCumprod));
        Close(golden.GetTensor("euler_train_sigmas"), Table(schedule.Sigmas));
    }

    [Theory]
    [MemberData(nameof(Families))]
    [Trait("Category", "Parity")]
    public void Noise_and_velocity_are_the_references(string family)
    {
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile golden = Goldens.Open("schedulers", $"{family}_ddpm.safetensors");
        using NoiseSchedule schedule = Schedule(family);
        (Tensor latents, Tensor noise, Tensor timesteps) = (golden.GetTensor("latents"), golden.GetTensor("noise"), golden.GetTensor("timesteps"));
        Close(golden.GetTensor("add_noise"), schedule.AddNoise(latents, noise, timesteps));
        Close(golden.GetTensor("velocity"), schedule.Velocity(latents, noise, timesteps));
    }

    [Fact]
    public void Signal_share_of_stable_diffusion_is_the_published_table()
    {
        using NoiseSchedule schedule = new(SchedulerConfig.FromJson(StableDiffusion, "test"));
        int[] at = [0, 100, 250, 500, 750, 999];
        Assert.Equal(
            ["0.9991", "0.8942", "0.6738", "0.2763", "0.0562", "0.0047"],
            at.Select(timestep => schedule.AlphasCumprod[timestep].ToString("F4")));
    }

    [Fact]
    public void Noise_keeps_the_type_of_the_latents_and_leaves_no_tensor_behind()
    {
        using NoiseSchedule schedule = new(SchedulerConfig.FromJson(StableDiffusion, "test"));
        using Tensor latents = ones(2, 4, 3, 5, dtype: ScalarType.Float64), timesteps = tensor([0L, 999L]);
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        using (Tensor noisy = schedule.AddNoise(latents, latents, timesteps))
        {
            Assert.Equal(ScalarType.Float64, noisy.dtype);
            Assert.Equal(before + 1, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
            double alpha = schedule.AlphasCumprod[999];
            Assert.Equal(Math.Sqrt(alpha) + Math.Sqrt(1 - alpha), noisy[1, 0, 0, 0].item<double>(), 1e-15);
        }
    }

    [Fact]
    public void Linear_betas_are_evenly_spaced()
    {
        using NoiseSchedule schedule = new(SchedulerConfig.FromJson("""{"beta_start": 0.1, "beta_end": 0.3, "num_train_timesteps": 3}""", "test"));
        Assert.Equal([0.1f, 0.2f, 0.3f], schedule.Betas);
        Assert.Equal(0.9f * 0.8f * 0.7f, schedule.AlphasCumprod[2], 1e-7f);
    }

    [Theory]
    [InlineData("""{"beta_schedule": "squaredcos_cap_v2"}""", "beta_schedule", "squaredcos_cap_v2")]
    [InlineData("""{"prediction_type": "sample"}""", "prediction_type", "sample")]
    [InlineData("""{"trained_betas": [0.1]}""", "trained_betas", "[0.1]")]
    [InlineData("""{"timestep_spacing": "trailing"}""", "timestep_spacing", "trailing")]
    [InlineData("""{"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0}""", "_class_name", "FlowMatchEulerDiscreteScheduler")]
    [InlineData("""{"_class_name": "EDMEulerScheduler", "sigma_data": 0.5}""", "_class_name", "EDMEulerScheduler")]
    [InlineData("""{"rescale_betas_zero_snr": true}""", "rescale_betas_zero_snr", "true")]
    [InlineData("""{"use_karras_sigmas": true}""", "use_karras_sigmas", "true")]
    [InlineData("""{"num_train_timesteps": 0}""", "num_train_timesteps", "0")]
    [InlineData("""{"num_train_timesteps": 2000000000}""", "num_train_timesteps", "2000000000")]
    [InlineData("""{"num_train_timesteps": "many"}""", "num_train_timesteps", "")]
    [InlineData("""{"beta_start": 1.5}""", "beta_start", "1.5")]
    [InlineData("""{"beta_end": 0.00001}""", "beta_end", "1E-05")]
    [InlineData("""{"steps_offset": -1}""", "steps_offset", "-1")]
    [InlineData("""[]""", "", "")]
    [InlineData("""{"beta_start": """, "", "")]
    public void Unsupported_configuration_names_key_and_value(string json, string key, string value)
    {
        RunException refusal = Assert.Throws<RunException>(() => SchedulerConfig.FromJson(json, "the/place.json"));
        Assert.Equal(ExitClass.ConfigurationError, refusal.ExitClass);
        Assert.StartsWith("the/place.json", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(key, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(value, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void Missing_configuration_is_a_missing_input()
    {
        RunException refusal = Assert.Throws<RunException>(() => NoiseSchedule.Load("no/such/model"));
        Assert.Equal(ExitClass.InputMissing, refusal.ExitClass);
        Assert.Contains("scheduler_config.json", refusal.Message, StringComparison.Ordinal);
    }

    private static NoiseSchedule Schedule(string family) => NoiseSchedule.Load(Goldens.Path($"tiny-{family}"));

    private static Tensor Table(IReadOnlyList<float> values) => tensor(values.ToArray());

    private static void Close(Tensor expected, Tensor actual) => Assert.InRange(Goldens.RelativeL2(actual, expected), 0, 1e-6);
}
