using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Autoencoders;
using Shapes.Drawing;
using Shapes.Preferences;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shapes.Pipeline;

/// <summary>
/// Trains an autoencoder on drawings from random weights (Kingma and Welling 2014): squared and absolute error of the reconstruction, and a
/// little of the divergence from the standard normal distribution, which keeps latents smooth.
/// </summary>
/// <param name="network">The network; its weights are changed.</param>
internal sealed class AutoencoderTraining(AutoencoderKL network)
{
    private const long Seed = 17;
    private const int Drawings = 4000;
    private const int Measured = 512;
    private const int Batch = 16;
    private const int Steps = 2000;
    private const int WarmUp = 50;
    private const int ReportEvery = 50;
    private const double LearningRate = 2e-3;
    private const double AbsoluteWeight = 0.2;
    private const double DivergenceWeight = 2e-4;

    private readonly byte[][] _drawings = [.. Enumerable.Range(0, Drawings).Select(Draw)];

    /// <summary>Trains.</summary>
    /// <param name="report">Gets a line of progress now and then.</param>
    public void Run(Action<string> report)
    {
        using Adam optimizer = optim.Adam(network.parameters(), LearningRate);
        for (int step = 0; step < Steps; step++)
        {
            double rate = RateAt(step);
            foreach (var group in optimizer.ParamGroups) group.LearningRate = rate;
            double error = Step(step, optimizer);
            if ((step + 1) % ReportEvery == 0) report($"autoencoder: step {step + 1}/{Steps}, squared error {error:0.00000}");
        }
    }

    /// <summary>The latents of some drawings, [N, C, h, w].</summary>
    public DiagonalGaussian Latents()
    {
        using IDisposable noGradient = no_grad();
        return network.Encode(Pixels(Enumerable.Range(0, Measured)));
    }

    private static double RateAt(int step) =>
        LearningRate * Math.Min(1, (step + 1.0) / WarmUp) * (0.5 + (0.5 * Math.Cos(Math.PI * step / Steps)));

    private double Step(int step, Adam optimizer)
    {
        using DisposeScope scope = NewDisposeScope();
        CounterRandom random = new(Seed, 0, step, DrawPurpose.Order);
        Tensor images = Pixels(Enumerable.Range(0, Batch).Select(_ => random.NextInt(Drawings)));
        DiagonalGaussian posterior = network.Encode(images);
        Tensor difference = network.Decode(posterior.Sample(Noise(posterior.Mean, step))) - images;
        Tensor squared = difference.square().mean();
        Tensor divergence = 0.5 * (posterior.Mean.square() + posterior.LogVariance.exp() - 1 - posterior.LogVariance).mean();
        Tensor loss = squared + (AbsoluteWeight * difference.abs().mean()) + (DivergenceWeight * divergence);
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        return squared.item<float>();
    }

    private static Tensor Noise(Tensor like, int step)
    {
        float[] noise = new float[like.numel()];
        new CounterRandom(Seed, 0, step, DrawPurpose.WinnerPosterior).FillGaussian(noise);
        return tensor(noise).view(like.shape);
    }

    private Tensor Pixels(IEnumerable<int> drawings)
    {
        byte[][] chosen = [.. drawings.Select(at => _drawings[at])];
        Tensor rgb = tensor(chosen.SelectMany(each => each).ToArray(), chosen.Length, PreferenceData.Side, PreferenceData.Side, 3);
        return ((rgb.to(ScalarType.Float32) / 127.5) - 1).permute(0, 3, 1, 2).contiguous();
    }

    private static byte[] Draw(int index)
    {
        CounterRandom random = new(Seed, 0, index, DrawPurpose.Synthesis);
        return PreferenceData.Draw((ShapeKind)random.NextInt(3), random).Draw(PreferenceData.Side);
    }
}
