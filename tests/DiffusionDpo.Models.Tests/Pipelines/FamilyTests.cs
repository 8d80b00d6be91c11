using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Families;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Pipelines;

/// <summary>What families add: velocities, sizes, zeros for no prompt, a second model for the last steps.</summary>
public sealed class FamilyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGradient = no_grad();

    public void Dispose()
    {
        noGradient.Dispose();
        scope.Dispose();
    }

    /// <summary>A network that knows the exact velocity of a point mass samples that point, whatever the sampler; so does one that knows the noise.</summary>
    [Theory]
    [InlineData(PredictionType.Epsilon, "ddim")]
    [InlineData(PredictionType.VPrediction, "ddim")]
    [InlineData(PredictionType.VPrediction, "euler")]
    [InlineData(PredictionType.VPrediction, "pndm")]
    public void Samplers_are_told_the_noise_that_a_prediction_means(PredictionType predicts, string name)
    {
        using NoiseSchedule schedule = new(SchedulerConfig.FromJson($$"""
            {
              "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "clip_sample": false, "skip_prk_steps": true, "set_alpha_to_one": true,
              "prediction_type": "{{(predicts == PredictionType.Epsilon ? "epsilon" : "v_prediction")}}"
            }
            """, "test"));
        ISampler sampler = Samplers.Create(name, schedule, 20);
        Tensor point = tensor(new[] { 0.3f, -1.2f, 0.7f, 2 }, [1, 4, 1, 1]), latents = randn([1, 4, 1, 1], generator: new Generator(5)) * sampler.InitNoiseSigma;
        for (int step = 0; step < sampler.Timesteps.Count; step++)
        {
            Tensor seen = sampler.ScaleInput(latents, step);
            double alpha = sampler.AlphaAt(step), signal = Math.Sqrt(alpha), deviation = Math.Sqrt(1 - alpha);
            Tensor noise = (seen - (signal * point)) / deviation, velocity = (signal * noise) - (deviation * point);
            latents = sampler.Step(schedule.NoiseOf(predicts == PredictionType.Epsilon ? noise : velocity, seen, (float)alpha), latents, step);
        }

        Assert.InRange(Goldens.MaxAbs(latents, point), 0, name == "pndm" ? 5e-2 : 1e-3); // PNDM ends at timestep 0 and mixes old predictions
    }

    [Fact]
    public void Targets_are_the_noise_or_the_velocity()
    {
        Tensor latents = randn(2, 4, 2, 2), noise = randn(2, 4, 2, 2), timesteps = tensor(new long[] { 10, 800 });
        using NoiseSchedule plain = new(SchedulerConfig.FromJson("{}", "test")), velocity = new(SchedulerConfig.FromJson("""{"prediction_type": "v_prediction"}""", "test"));
        Assert.Equal(0, Goldens.MaxAbs(plain.Target(latents, noise, timesteps), noise));
        Assert.Equal(0, Goldens.MaxAbs(velocity.Target(latents, noise, timesteps), velocity.Velocity(latents, noise, timesteps)));
        Tensor seen = velocity.AddNoise(latents, noise, timesteps)[0], target = velocity.Target(latents, noise, timesteps)[0];
        Assert.InRange(Goldens.RelativeL2(velocity.NoiseOf(target, seen, velocity.AlphasCumprod[10]), noise[0]), 0, 1e-5);
    }

    [Fact]
    public void Sdxl_is_told_sizes_and_zeros_for_no_prompt()
    {
        using StableDiffusionPipeline model = StableDiffusionPipeline.Load(Goldens.Path("tiny-sdxl"));
        Tensor sizes = model.Text.Sizes([new(480, 640, 12, 34, 64, 64), ImageSizes.Whole(64, 32)])!;
        Assert.Equal([480, 640, 12, 34, 64, 64, 64, 32, 0, 0, 64, 32], sizes.data<float>().ToArray());
        Conditioning nothing = model.Text.EncodeNothing(2), encoded = model.Text.EncodeNothing(2, asZeros: false);
        Assert.Equal(0, nothing.TextStates.abs().max().item<float>());
        Assert.Equal(0, nothing.PooledText!.abs().max().item<float>());
        Assert.Equal(0, Goldens.MaxAbs(encoded.TextStates, model.Text.Encode(["", ""]).TextStates));
        Assert.Equal(nothing.TextStates.shape, encoded.TextStates.shape);
    }

    [Fact]
    public void A_refiner_takes_the_last_steps_and_only_those() => WithRefiner(refinerPath =>
    {
        using StableDiffusionPipeline model = StableDiffusionPipeline.Load(Goldens.Path("tiny-sdxl")), refiner = StableDiffusionPipeline.Load(refinerPath);
        Assert.Null(refiner.Family.Name);
        SampleRequest request = new() { Prompts = ["a red fox"], Steps = 10, Sampler = "euler", Width = 64, Height = 64 };
        Tensor noise = randn(model.LatentShape(request), generator: new Generator(1));
        List<Tensor> plain = Trajectory(null), refined = Trajectory(new(refiner, 0.8));
        for (int step = 0; step < 10; step++) Assert.Equal(step < 8, Goldens.MaxAbs(plain[step], refined[step]) == 0);
        List<Tensor> never = Trajectory(new(refiner, 1));
        Assert.Equal(0, Goldens.MaxAbs(never[^1], plain[^1]));

        List<Tensor> Trajectory(Refinement? refinement)
        {
            List<Tensor> all = [];
            model.Sample(request, noise, (_, latents) => all.Add(latents.clone().MoveToOuterDisposeScope()), refinement);
            return all;
        }
    });

    [Fact]
    public void A_refiner_of_other_latents_is_refused()
    {
        using StableDiffusionPipeline model = StableDiffusionPipeline.Load(Goldens.Path("tiny-sd15")), other = StableDiffusionPipeline.Load(Goldens.Path("tiny-sdxl"));
        SampleRequest request = new() { Prompts = ["a"], Steps = 2, Sampler = "ddim", Width = model.ImageSize, Height = model.ImageSize };
        Tensor noise = randn(model.LatentShape(request));
        string message = Failure.Of(ExitClass.ConfigurationError, () => model.Sample(request, noise, refinement: new(other)));
        Assert.Contains("cannot refine what a Stable Diffusion 1.x draws", message);
    }

    [Fact]
    public void Every_family_that_can_be_trained_is_in_the_list_once() =>
        Assert.Equal(Enum.GetValues<DiffusionDpo.Api.Options.ModelFamily>().Order(), FamilyList.All.Select(each => each.Name).OfType<DiffusionDpo.Api.Options.ModelFamily>().Order());

    /// <summary>The tiny SDXL model as a refiner: one text encoder, five size numbers, a UNet of other widths with arbitrary weights.</summary>
    private static void WithRefiner(Action<string> test)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory();
        try
        {
            TinyRefiner.Write(directory.FullName);
            test(directory.FullName);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
