using System.Diagnostics;
using System.Globalization;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Gpu;

/// <summary>
/// Pairs per second of the training step in bf16 with cached latents, at the networks' real size with random weights, and the share of the device's matrix
/// product rate that the model's own arithmetic reaches: forward and backward of the policy, forward of the reference; what checkpointing computes
/// again does not count.
/// </summary>
internal static class StepSpeed
{
    private const int Warmup = 3, Steps = 10, TextLength = 77;

    public static IEnumerable<string> Table(Device device, bool isTiny)
    {
        double peak = MatrixProductRate(device, isTiny ? 512 : 8192);
        yield return $"matrix product, bf16: {peak / 1e12:F2} TFLOP/s";
        yield return "";
        yield return "| step | pairs/s | TFLOP/pair | of the matrix product's rate |";
        yield return "|---|---|---|---|";
        (string What, string Config, long Side, int Pairs, bool Lora, bool Checkpointing)[] cases = isTiny
            ? [("tiny SDXL, LoRA", Goldens.Path("tiny-sdxl", "unet", "config.json"), 8, 2, true, true)]
            :
            [
                ("SD1.5 at 512 pixels, all weights", Goldens.Path("inventory", "sd15.unet.config.json"), 64, 4, false, false),
                ("SD1.5 at 512 pixels, LoRA rank 16", Goldens.Path("inventory", "sd15.unet.config.json"), 64, 4, true, false),
                ("SDXL at 1024 pixels, LoRA rank 16, checkpointed", Goldens.Path("inventory", "sdxl.unet.config.json"), 128, 1, true, true),
            ];
        foreach (var each in cases)
        {
            (double pairs, double flop) = Measure(device, each.Config, each.Side, each.Pairs, each.Lora, each.Checkpointing);
            yield return string.Create(CultureInfo.InvariantCulture, $"| {each.What} | {pairs:F3} | {flop / 1e12:F3} | {pairs * flop / peak:P0} |");
        }
    }

    private static (double PairsPerSecond, double FlopPerPair) Measure(Device device, string configFile, long side, int pairs, bool lora, bool checkpointing)
    {
        using DisposeScope scope = NewDisposeScope();
        UNetConfig config = UNetConfig.FromFile(configFile);
        using UNet2DConditionModel policy = new(config);
        if (lora) policy.to(ScalarType.BFloat16);
        policy.to(device);
        foreach (var parameter in policy.parameters()) parameter.requires_grad_(!lora);
        using LoraAdapters? adapters = !lora ? null : LoraAdapters.Attach(policy, new AdapterOptions { Type = AdapterType.Lora }.WithDefaults(), span => span.Fill(0.5f));
        using UNet2DConditionModel? copy = lora ? null : new(config);
        copy?.to(ScalarType.BFloat16);
        copy?.to(device);
        using FlatParameters parameters = adapters is null
            ? FlatParameters.Of(policy, ScalarType.BFloat16, sumsGradients: false)
            : FlatParameters.Of(adapters.Slots(), ScalarType.BFloat16, sumsGradients: false);
        using AdamW optimizer = new(parameters, new() { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0.01 });
        using RecomputedActivations? recomputed = checkpointing ? new(policy) : null;
        var step = new TrainingStep
        {
            Policy = policy, Parameters = parameters, Reference = adapters is null ? new FrozenReference(copy!) : new AdaptersOff(policy, adapters),
            Objective = new SigmoidObjective(5000), Optimizer = optimizer, Backpropagation = recomputed, LearningRate = new(1e-8, 0), MaxGradientNorm = 1,
            Accumulation = 1, Clock = new(TimeProvider.System),
        };
        double forward = 0;
        using (new ArithmeticCount(policy, flop => forward += flop))
        using (no_grad()) policy.call(Batch().NoisyLatents, Batch().Timesteps, Batch().Conditioning);
        for (int i = 0; i < Warmup; i++) step.Run(Batch, CancellationToken.None);
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < Steps; i++) step.Run(Batch, CancellationToken.None); // each reads its norm from the device, which so has finished
        return (pairs * Steps / Stopwatch.GetElapsedTime(started).TotalSeconds, 4 * forward / pairs);

        DenoisingBatch Batch()
        {
            long[] latents = [2 * pairs, config.InChannels, side, side];
            Tensor Draw(params long[] shape) => randn(shape, ScalarType.BFloat16, device);
            return new(
                Draw(latents), randint(1000, [pairs], ScalarType.Int64, device).repeat(2),
                new(Draw(2 * pairs, TextLength, config.CrossAttentionDim[0]))
                {
                    PooledText = config.ProjectionClassEmbeddingsInputDim is { } width ? Draw(2 * pairs, width - (6 * config.AdditionTimeEmbedDim!.Value)) : null,
                    TimeIds = config.ProjectionClassEmbeddingsInputDim is null ? null : full([2 * pairs, 6], 8 * side, ScalarType.Float32, device),
                },
                randn(latents, ScalarType.Float32, device), ones(pairs, device: device));
        }
    }

    private static double MatrixProductRate(Device device, int size)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor a = randn([size, size], ScalarType.BFloat16, device), b = randn([size, size], ScalarType.BFloat16, device);
        Run();
        long started = Stopwatch.GetTimestamp();
        Run();
        return 2.0 * size * size * size * Steps / Stopwatch.GetElapsedTime(started).TotalSeconds;

        void Run()
        {
            Tensor last = a;
            for (int i = 0; i < Steps; i++) last = a.mm(b);
            last[0, 0].to(ScalarType.Float32).item<float>(); // waits for the device
        }
    }
}
