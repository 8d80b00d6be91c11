using DiffusionDpo.Models.Autoencoders;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Parity;

[Trait("Category", "Parity")]
public sealed class AutoencoderParityTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGradient = no_grad();

    public static TheoryData<string, string> Cases => GoldenPipeline.Cases("vae", submodules: false);

    public static TheoryData<string, string> SubmoduleCases => GoldenPipeline.Cases("vae", submodules: true);

    public void Dispose()
    {
        noGradient.Dispose();
        scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Posterior_and_sample_are_those_of_the_reference(string tag, string file)
    {
        Dictionary<string, Tensor> golden = GoldenPipeline.Activations(tag, file);
        using AutoencoderKL network = GoldenPipeline.Autoencoder(tag);
        var recorder = new ActivationRecorder(network);
        DiagonalGaussian posterior = network.Encode(golden["image"]);
        Expect.Prediction("moments", recorder.Outputs["quant_conv"], golden["moments"]);
        Expect.Prediction("mean", posterior.Mean, golden["mean"]);
        Expect.Prediction("logvar", posterior.LogVariance, golden["logvar"]);
        Expect.Prediction("std", posterior.Std, golden["std"]);
        Tensor sample = posterior.Sample(golden["sample_noise"]) * network.ScalingFactor;
        Expect.Prediction("scaled_latent_sample", sample, golden["scaled_latent_sample"]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Decoded_images_are_those_of_the_reference(string tag, string file)
    {
        Dictionary<string, Tensor> golden = GoldenPipeline.Activations(tag, file);
        using AutoencoderKL network = GoldenPipeline.Autoencoder(tag);
        Expect.Prediction("decoded", network.Decode(golden["decode_latents"] / network.ScalingFactor), golden["decoded"]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Both_directions_in_float64_are_those_of_the_reference(string tag, string file)
    {
        Dictionary<string, Tensor> golden = GoldenPipeline.Activations(tag, file);
        using AutoencoderKL network = GoldenPipeline.Autoencoder(tag);
        network.to(ScalarType.Float64);
        DiagonalGaussian posterior = network.Encode(golden["image"].@double());
        Expect.Float64("mean", posterior.Mean, golden["mean_f64"]);
        Expect.Float64("logvar", posterior.LogVariance, golden["logvar_f64"]);
        Expect.Float64("decoded", network.Decode(golden["decode_latents"].@double() / network.ScalingFactor), golden["decoded_f64"]);
    }

    [Theory]
    [MemberData(nameof(SubmoduleCases))]
    public void Every_recorded_submodule_gives_what_the_reference_gives(string tag, string file)
    {
        const string Decoding = "decode:";
        Dictionary<string, Tensor> inputs = GoldenPipeline.Activations(tag, file.Replace("_submodules", "", StringComparison.Ordinal));
        using AutoencoderKL network = GoldenPipeline.Autoencoder(tag);
        var recorder = new ActivationRecorder(network);
        network.Encode(inputs["image"]);
        network.Decode(inputs["decode_latents"] / network.ScalingFactor);
        Dictionary<string, Tensor> golden = GoldenPipeline.Activations(tag, file);
        Expect.Activations(golden.ToDictionary(each => each.Key.Replace(Decoding, "", StringComparison.Ordinal), each => each.Value), recorder.Outputs);
    }
}
