using System.Text.Json;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.Tests.Parity;
using DiffusionDpo.Models.Tests.Schedules;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Pipelines;

[Trait("Category", "Parity")]
public sealed class SamplingParityTests
{
    /// <summary>Euler's reference rounds the latents to float32 before each step, in float64 runs too.</summary>
    private const double EulerRounding = 2e-7;

    public static TheoryData<string, string> Trajectories => SamplingGoldens.Trajectories;

    [Theory]
    [MemberData(nameof(Trajectories))]
    public void Latents_after_every_step_and_the_image_are_the_references(string family, string sampler)
    {
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile golden = SamplingGoldens.Open(family, sampler);
        using StableDiffusionPipeline pipeline = StableDiffusionPipeline.Load(Goldens.Path($"tiny-{family}"));
        List<Tensor> trajectory = [];
        Tensor image = pipeline.Sample(Request(family, sampler, golden), golden.GetTensor("init_noise"), (step, latents) =>
        {
            Assert.Equal(trajectory.Count, step);
            trajectory.Add(latents.clone().MoveToOuterDisposeScope());
        });

        Assert.Equal(golden.Entries.Keys.Count(name => name.StartsWith("latents.", StringComparison.Ordinal)), trajectory.Count);
        for (int step = 0; step < trajectory.Count; step++)
            Assert.InRange(Goldens.RelativeL2(trajectory[step], golden.GetTensor($"latents.{step}")), 0, 1e-5);
        Assert.InRange(Goldens.RelativeL2(trajectory[^1], golden.GetTensor("final_latents")), 0, 1e-5);
        Assert.InRange(Goldens.RelativeL2(image, golden.GetTensor("image")), 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Trajectories))]
    public void Final_latents_in_float64_are_the_references(string family, string sampler)
    {
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile golden = SamplingGoldens.Open(family, sampler);
        using StableDiffusionPipeline pipeline = StableDiffusionPipeline.Load(Goldens.Path($"tiny-{family}"), type: ScalarType.Float64);
        Tensor Final()
        {
            Tensor? final = null;
            pipeline.Sample(Request(family, sampler, golden), golden.GetTensor("init_noise"), (_, latents) => final = latents.clone().MoveToOuterDisposeScope());
            return final!;
        }

        double slack = TimeEncoding.Sensitivity(pipeline.UNet, Final);
        Expect.Float64(sampler, Final(), golden.GetTensor("final_latents_f64"), slack + (sampler == "euler" ? EulerRounding : 0));
    }

    private static SampleRequest Request(string family, string sampler, SafetensorsFile golden)
    {
        JsonElement settings = SamplingGoldens.Settings(family, sampler);
        using Tensor image = golden.GetTensor("image");
        return new()
        {
            Prompts = [settings.GetProperty("prompt").GetString()!],
            NegativePrompt = settings.GetProperty("negative_prompt").GetString()!,
            Steps = settings.GetProperty("steps").GetInt32(),
            GuidanceScale = settings.GetProperty("guidance_scale").GetDouble(),
            Sampler = sampler,
            Height = (int)image.shape[2],
            Width = (int)image.shape[3],
        };
    }
}
