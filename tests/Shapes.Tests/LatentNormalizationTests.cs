using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Layers;
using Shapes.Pipeline;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Shapes.Tests;

public sealed class LatentNormalizationTests
{
    [Fact]
    public void Latents_get_mean_0_and_deviation_1_and_images_stay()
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        string config = Path.GetTempFileName();
        File.WriteAllText(config, System.Text.Json.JsonSerializer.Serialize(TinyConfigs.Autoencoder));
        AutoencoderKL network = new(AutoencoderConfig.FromFile(config), META);
        Random random = new(4);
        SeededInitialization.Fill(network, values =>
        {
            foreach (ref float value in values) value = random.NextSingle();
        });
        File.Delete(config);
        Tensor images = arange(2 * 3 * 64 * 64, ScalarType.Float32).view(2, 3, 64, 64).mul(0.37).sin();
        DiagonalGaussian before = network.Encode(images);
        Tensor drawn = network.Decode(before.Mean);

        LatentNormalization.Apply(network, before);

        DiagonalGaussian after = network.Encode(images);
        Assert.True(after.Mean.mean([0, 2, 3]).abs().max().item<float>() < 1e-4);
        Tensor variance = (after.Mean.square() + after.Std.square()).mean([0, 2, 3]);
        Assert.True((variance - 1).abs().max().item<float>() < 1e-3);
        Assert.True(allclose(network.Decode(after.Mean), drawn, rtol: 1e-3, atol: 1e-4));
        Assert.True(allclose(after.Std / after.Mean.std([0, 2, 3]).view(1, -1, 1, 1), before.Std / before.Mean.std([0, 2, 3]).view(1, -1, 1, 1), rtol: 1e-3, atol: 1e-6));
    }
}
