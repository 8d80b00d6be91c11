using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Schedules;

public sealed class SamplerTests
{
    private const string StableDiffusion = """
        {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "clip_sample": false,
         "set_alpha_to_one": false, "skip_prk_steps": true, "steps_offset": 1}
        """;

    public static TheoryData<string, string> Trajectories => SamplingGoldens.Trajectories;

    public static TheoryData<string> Names => [.. Samplers.Names];

    [Theory]
    [MemberData(nameof(Trajectories))]
    [Trait("Category", "Parity")]
    public void Timesteps_and_initial_deviation_are_the_references(string family, string name)
    {
        JsonElement golden = SamplingGoldens.Settings(family, name);
        using NoiseSchedule schedule = new(SchedulerConfig.FromJson(golden.GetProperty("scheduler_config").GetRawText(), "golden"));
        ISampler sampler = Samplers.Create(name, schedule, golden.GetProperty("steps").GetInt32());
        Assert.Equal(golden.GetProperty("timesteps").EnumerateArray().Select(timestep => timestep.GetSingle()), sampler.Timesteps);
        Assert.Equal(golden.GetProperty("init_noise_sigma").GetSingle(), sampler.InitNoiseSigma);
    }

    [Theory]
    [MemberData(nameof(Trajectories))]
    [Trait("Category", "Parity")]
    public void Defaults_of_the_models_own_configuration_give_the_same_timesteps(string family, string name)
    {
        JsonElement golden = SamplingGoldens.Settings(family, name);
        using NoiseSchedule schedule = NoiseSchedule.Load(Goldens.Path($"tiny-{family}"));
        ISampler sampler = Samplers.Create(name, schedule, golden.GetProperty("steps").GetInt32());
        Assert.Equal(golden.GetProperty("timesteps").EnumerateArray().Select(timestep => timestep.GetSingle()), sampler.Timesteps);
    }

    [Theory]
    [MemberData(nameof(Trajectories))]
    [Trait("Category", "Parity")]
    public void Noise_levels_of_euler_are_the_references(string family, string name)
    {
        using SafetensorsFile file = SamplingGoldens.Open(family, name);
        if (!file.Entries.ContainsKey("sigmas")) return;
        using DisposeScope scope = NewDisposeScope();
        using NoiseSchedule schedule = NoiseSchedule.Load(Goldens.Path($"tiny-{family}"));
        var sampler = (EulerSampler)Samplers.Create(name, schedule, SamplingGoldens.Settings(family, name).GetProperty("steps").GetInt32());
        Assert.InRange(Goldens.MaxAbs(tensor(sampler.Sigmas.ToArray()), file.GetTensor("sigmas")), 0, 1e-6);
    }

    // Where the true noise is predicted at every step, each sampler ends at x_0 whatever its order: the reverse of AddNoise.
    [Theory]
    [MemberData(nameof(Names))]
    public void Perfect_prediction_leads_back_to_the_clean_latents(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using NoiseSchedule schedule = new(SchedulerConfig.FromJson(StableDiffusion, "test"));
        ISampler sampler = Samplers.Create(name, schedule, 20);
        Tensor clean = linspace(-1, 1, 24, ScalarType.Float64).view(1, 4, 2, 3), noise = clean.cos();
        double alpha = schedule.AlphasCumprod[(int)sampler.Timesteps[0]];
        Tensor latents = clean * Math.Sqrt(alpha) + noise * Math.Sqrt(1 - alpha);
        double unscale = name == "euler" ? Math.Sqrt(alpha) : 1; // Euler's latents are x_0 + σ·ε
        latents /= unscale;
        for (int step = 0; step < sampler.Timesteps.Count; step++) latents = sampler.Step(noise, latents, step);
        double last = name == "euler" ? 0 : 1 - schedule.AlphasCumprod[0];
        Tensor expected = clean * Math.Sqrt(1 - last) + noise * Math.Sqrt(last);
        Assert.InRange(Goldens.MaxAbs(latents, expected), 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_number_of_steps_that_fits_is_taken_in_descending_order(string name)
    {
        using NoiseSchedule schedule = new(SchedulerConfig.FromJson(StableDiffusion, "test"));
        foreach (int steps in (int[])[1, 2, 3, 7, 50, 333, 999])
        {
            ISampler sampler = Samplers.Create(name, schedule, steps);
            Assert.InRange(sampler.Timesteps.Count, steps, steps + 1);
            Assert.Equal(sampler.Timesteps.OrderDescending(), sampler.Timesteps);
            Assert.All(sampler.Timesteps, timestep => Assert.InRange(timestep, 0, 999));
        }
    }

    [Theory]
    [InlineData("ddim", 0)]
    [InlineData("pndm", -3)]
    [InlineData("euler", 1001)]
    [InlineData("ddim", 1000)] // leading spacing with offset 1 would ask for timestep 1000
    public void Steps_that_do_not_fit_are_refused(string name, int steps)
    {
        using NoiseSchedule schedule = new(SchedulerConfig.FromJson(StableDiffusion, "the/place.json"));
        RunException refusal = Assert.Throws<RunException>(() => Samplers.Create(name, schedule, steps));
        Assert.Equal(ExitClass.UserError, refusal.ExitClass);
        Assert.Contains($"{steps} sampling steps", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ddim", """{"clip_sample": true}""", "clip_sample is True")]
    [InlineData("ddim", "{}", "clip_sample is null")]
    [InlineData("pndm", """{"skip_prk_steps": false}""", "skip_prk_steps is False")]
    public void Configuration_that_a_sampler_cannot_follow_is_refused(string name, string json, string says)
    {
        using NoiseSchedule schedule = new(SchedulerConfig.FromJson(json, "the/place.json"));
        RunException refusal = Assert.Throws<RunException>(() => Samplers.Create(name, schedule, 5));
        Assert.Equal(ExitClass.ConfigurationError, refusal.ExitClass);
        Assert.StartsWith($"the/place.json: {says}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_sampler_is_refused_with_the_list_of_those_there_are()
    {
        using NoiseSchedule schedule = new(SchedulerConfig.FromJson(StableDiffusion, "test"));
        RunException refusal = Assert.Throws<RunException>(() => Samplers.Create("dpm++", schedule, 5));
        Assert.Equal("there is no sampler 'dpm++'; choose one of ddim, pndm, euler", refusal.Message);
    }
}
