using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
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

    private static string Xl => Directory.GetDirectories(Goldens.Root, "tiny-*").Order(StringComparer.Ordinal).First(model => Directory.Exists(Path.Combine(model, "text_encoder_2")));

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
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        using (Tensor image = pipeline.Sample(request, noise))
        {
            Assert.Equal(before + 1, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
            Assert.False(image.requires_grad);
        }

        Assert.True(is_grad_enabled());
    }

    [Fact]
    public void Prompts_become_text_states()
    {
        using Tensor states = pipeline.Text.Encode(["a", "", "a"]).TextStates;
        Assert.Equal(3, states.shape[0]);
        Assert.Equal(77, states.shape[1]);
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
    public void Model_of_an_unknown_family_is_refused() => WithCopy(Model, copy =>
    {
        Replace(copy, "model_index.json", "\"StableDiffusionPipeline\"", "\"FluxPipeline\"");
        Assert.Contains("FluxPipeline", Refusal(copy), StringComparison.Ordinal);
    });

    [Fact]
    public void Model_of_another_family_than_the_wanted_one_is_refused()
    {
        Assert.Contains("model.family says Stable Diffusion XL", Refusal(Model, ModelFamily.Sdxl), StringComparison.Ordinal);
        Assert.Contains("model.family says Stable Diffusion 1.x", Refusal(Xl, ModelFamily.Sd15), StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_of_different_families_are_refused()
    {
        WithCopy(Xl, copy =>
        {
            Directory.Delete(Path.Combine(copy, "unet"), recursive: true);
            Copy(Path.Combine(Model, "unet"), Path.Combine(copy, "unet"));
            Assert.Contains("token states of width 48, its unet takes 32", Refusal(copy), StringComparison.Ordinal);
        });
        WithCopy(Xl, copy =>
        {
            Replace(copy, "text_encoder_2/config.json", "CLIPTextModelWithProjection", "CLIPTextModel");
            Assert.Contains("text_encoder_2 has no text_projection", Refusal(copy), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_velocity_model_is_stable_diffusion_2() => WithCopy(Model, copy =>
    {
        Replace(copy, "scheduler/scheduler_config.json", "\"epsilon\"", "\"v_prediction\"");
        using StableDiffusionPipeline velocity = StableDiffusionPipeline.Load(copy);
        Assert.Equal(ModelFamily.Sd21, velocity.Family.Name);
        Assert.Contains("Stable Diffusion 2.x", Refusal(copy, ModelFamily.Sd15), StringComparison.Ordinal);
    });

    private static string Refusal(string model, ModelFamily? wanted = null)
    {
        RunException refusal = Assert.Throws<RunException>(() => StableDiffusionPipeline.Load(model, wanted: wanted));
        Assert.Equal(ExitClass.ConfigurationError, refusal.ExitClass);
        return refusal.Message;
    }

    private static void Replace(string model, string file, string old, string with)
    {
        string text = File.ReadAllText(Path.Combine(model, file));
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(model, file), text.Replace(old, with, StringComparison.Ordinal));
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static void WithCopy(string model, Action<string> test)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory();
        try
        {
            Copy(model, directory.FullName);
            test(directory.FullName);
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
