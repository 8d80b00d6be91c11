using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Pipelines;

public sealed class StableDiffusionPipelineTests : IDisposable
{
    private readonly StableDiffusionPipeline pipeline = StableDiffusionPipeline.Load(Model);

    public static TheoryData<string> Names => [.. Samplers.Names];

    private static string Model => Directory.GetDirectories(Goldens.Root, "tiny-*").Order(StringComparer.Ordinal)
        .First(model => Directory.Exists(Path.Combine(model, "unet")) && !Directory.Exists(Path.Combine(model, "text_encoder_2")));

    private int Span => pipeline.Autoencoder.PixelsPerLatent;

    public void Dispose() => pipeline.Dispose();

    [Fact]
    public void Images_of_a_batch_are_those_drawn_one_by_one()
    {
        using DisposeScope scope = NewDisposeScope();
        SampleRequest request = Request("ddim", "a red fox", "a boat");
        Tensor noise = Noise(request);
        Tensor together = pipeline.Sample(request, noise);
        Tensor[] alone = [.. request.Prompts.Select((prompt, i) => pipeline.Sample(request with { Prompts = [prompt] }, noise[i].unsqueeze(0)))];
        Assert.Equal([2, 3, request.Height, request.Width], together.shape);
        Assert.InRange(Goldens.RelativeL2(together, cat(alone)), 0, 1e-5);
        Assert.True(Goldens.MaxAbs(alone[0], alone[1]) > 1e-3);
    }

    [Fact]
    public void Guidance_of_one_is_no_guidance()
    {
        using DisposeScope scope = NewDisposeScope();
        SampleRequest request = Request("euler", "a red fox") with { GuidanceScale = 1 };
        Tensor noise = Noise(request);
        Tensor image = pipeline.Sample(request, noise);
        Assert.Equal(0, Goldens.MaxAbs(pipeline.Sample(request with { NegativePrompt = "blurry" }, noise), image));
        Assert.True(Goldens.MaxAbs(pipeline.Sample(request with { GuidanceScale = 7.5 }, noise), image) > 1e-3);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Sampling_leaves_one_tensor_and_keeps_gradients_on(string sampler)
    {
        SampleRequest request = Request(sampler, "a red fox") with { Steps = 6 };
        using Tensor noise = Noise(request);
        pipeline.Sample(request, noise).Dispose();
        long before = Tensor.TotalCount;
        using (Tensor image = pipeline.Sample(request, noise))
        {
            Assert.Equal(before + 1, Tensor.TotalCount);
            Assert.False(image.requires_grad);
        }

        Assert.True(is_grad_enabled());
    }

    [Fact]
    public void Prompts_become_text_states()
    {
        using Tensor states = pipeline.EncodePrompts(["a", "", "a"]);
        Assert.Equal(3, states.shape[0]);
        Assert.Equal(pipeline.Tokenizer.Length, states.shape[1]);
        Assert.Equal(0, Goldens.MaxAbs(states[0], states[2]));
    }

    [Fact]
    public void Odd_latent_sizes_are_drawn()
    {
        SampleRequest request = Request("pndm", "a") with { Width = 5 * Span, Height = 7 * Span, Steps = 2 };
        using Tensor noise = Noise(request), image = pipeline.Sample(request, noise);
        Assert.Equal([1, 3, 7 * Span, 5 * Span], image.shape);
    }

    [Fact]
    public void Requests_that_cannot_be_drawn_are_refused()
    {
        SampleRequest request = Request("ddim", "a");
        using Tensor noise = Noise(request);
        foreach (SampleRequest bad in (SampleRequest[])[
            request with { Prompts = [] }, request with { Width = Span + 1 }, request with { Height = 0 }, request with { Width = -Span },
            request with { Sampler = "none" }, request with { Steps = 0 }])
        {
            RunException refusal = Assert.Throws<RunException>(() => pipeline.Sample(bad, noise));
            Assert.Equal(ExitClass.UserError, refusal.ExitClass);
        }

        Assert.Throws<ArgumentException>(() => pipeline.Sample(request with { Width = 2 * request.Width }, noise));
    }

    [Fact]
    public void Model_of_another_family_is_refused()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(directory.FullName, "model_index.json"), """{"_class_name": "StableDiffusionXLPipeline"}""");
            RunException refusal = Assert.Throws<RunException>(() => StableDiffusionPipeline.Load(directory.FullName));
            Assert.Equal(ExitClass.ConfigurationError, refusal.ExitClass);
            Assert.Contains("StableDiffusionXLPipeline", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private SampleRequest Request(string sampler, params string[] prompts) =>
        new() { Prompts = prompts, Sampler = sampler, Steps = 3, Width = 4 * Span, Height = 2 * Span };

    private Tensor Noise(SampleRequest request)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] shape = pipeline.LatentShape(request);
        return (arange(shape.Aggregate((a, b) => a * b), ScalarType.Float32) * 12.9898).sin().mul(1.4).view(shape).MoveToOuterDisposeScope();
    }
}
