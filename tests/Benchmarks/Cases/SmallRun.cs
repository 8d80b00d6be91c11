using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;

namespace Benchmarks.Cases;

/// <summary>A run of a few steps on the CPU in float32, with nothing but its training: what benchmarks change and measure.</summary>
internal static class SmallRun
{
    /// <summary>Its run file.</summary>
    /// <param name="model">Family and directory of the model.</param>
    /// <param name="data">Its pairs, resolved.</param>
    /// <param name="microBatch">Pairs of a step.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="output">Where it writes.</param>
    public static RunFile Of(ModelOptions model, DataOptions data, int microBatch, int steps, string output) => new()
    {
        Name = "small", RunId = "1", Stage = Stage.Train, Preset = PresetName.Recommended,
        Model = model,
        Data = data,
        Training = new()
        {
            Objective = new() { Beta = 5000, SafeguardMargin = 0.5, MarginWeight = 0.1 }, Steps = steps, GlobalBatch = microBatch, MicroBatch = microBatch, Seed = 1, Precision = Precision.Float32,
            Device = ComputeDevice.Cpu, EmptyPrompt = EmptyPrompt.Encoded, MicroConditioning = MicroConditioning.Original,
        },
        Adapter = new AdapterOptions().WithDefaults(),
        Optimizer = new()
        {
            Type = OptimizerType.AdamW, LearningRate = 1e-8, WarmupSteps = 0, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0.01, MaxGradNorm = 1,
        },
        Checkpoints = new() { EverySteps = steps, Keep = 1, Uri = Path.Combine(output, "checkpoints") },
        Output = new() { Uri = output },
        Evaluation = new() { HeldOutPairs = 1 },
        Storage = new(),
    };
}
