using System.Text.Json.Nodes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Runs;

/// <summary>A directory with small shards and a run file for the small model of the goldens; gone with the test.</summary>
internal sealed class RunDirectory : IDisposable
{
    public const int Steps = 4;

    public RunDirectory()
    {
        Directory.CreateDirectory(Root);
        Write("train.parquet", 5, 0);
        Write("held-out.parquet", 3, 100);
    }

    public string Root { get; } = Path.Combine(Path.GetTempPath(), $"ddpo-run-{Guid.NewGuid():N}");

    public RunFile File => FileOf(Root);

    /// <summary>Kinds of training that a run may be, each with its own state.</summary>
    public static readonly IReadOnlyDictionary<string, Func<RunFile, RunFile>> Variants = new Dictionary<string, Func<RunFile, RunFile>>
    {
        ["plain"] = file => file,
        ["adafactor"] = file => file with { Optimizer = file.Optimizer with { Type = OptimizerType.Adafactor } },
        ["ema"] = file => file with { Training = file.Training with { Ema = new() { Decay = 0.75 } } },
        ["checkpointed"] = file => file with { Training = file.Training with { GradientCheckpointing = GradientCheckpointing.Blocks } },
        ["lora"] = WithAdapters,
        ["lora, averaged, checkpointed, bf16"] = file => WithAdapters(file) with
        {
            Training = file.Training with { Ema = new() { Decay = 0.75 }, GradientCheckpointing = GradientCheckpointing.Blocks, Precision = Precision.BFloat16 },
        },
        ["sdxl"] = file => file with { Model = new() { Family = ModelFamily.Sdxl, Source = Goldens.Path("tiny-sdxl") } },
        ["sd21"] = file => file with { Model = new() { Family = ModelFamily.Sd21, Source = VelocityModel(Path.GetDirectoryName(file.Output.Uri)!) } },
        ["sd21, bf16"] = file => file with
        {
            Model = new() { Family = ModelFamily.Sd21, Source = VelocityModel(Path.GetDirectoryName(file.Output.Uri)!) },
            Training = file.Training with { Precision = Precision.BFloat16 },
        },
        ["bf16"] = file => file with { Training = file.Training with { Precision = Precision.BFloat16 } },
    };

    public static RunFile WithAdapters(RunFile file) => file with { Adapter = new() { Type = AdapterType.Lora, Rank = 3, Alpha = 6, Targets = ["to_q", "to_v", "proj_in", "conv1"] } };

    /// <summary>
    /// The small model of the goldens in the shape of Stable Diffusion 2.1: it predicts velocities, its transformers' outer projections are linear, its
    /// attention is wide, and its text encoder has the exact activation.
    /// </summary>
    private static string VelocityModel(string root)
    {
        string model = Path.Combine(root, "velocity");
        if (Directory.Exists(model)) return model;
        foreach (string file in Directory.GetFiles(Goldens.Path(TinyRun.Tag), "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(model, Path.GetRelativePath(Goldens.Path(TinyRun.Tag), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            System.IO.File.Copy(file, target);
        }

        Edit("scheduler/scheduler_config.json", "prediction_type", "v_prediction");
        Edit("text_encoder/config.json", "hidden_act", "gelu");
        Edit("unet/config.json", "use_linear_projection", true);
        Edit("unet/config.json", "upcast_attention", true);
        Edit("unet/config.json", "attention_head_dim", new JsonArray(2, 3, 4));
        string weights = Path.Combine(model, "unet", "diffusion_pytorch_model.safetensors");
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile source = SafetensorsFile.Open(weights);
        SafetensorsWriter.WriteFile(weights, [.. source.Entries.Keys.Select(name => (name, IsProjection(name) ? source.GetTensor(name).flatten(1) : source.GetTensor(name)))]);
        return model;

        static bool IsProjection(string name) => name.EndsWith("proj_in.weight", StringComparison.Ordinal) || name.EndsWith("proj_out.weight", StringComparison.Ordinal);

        void Edit(string name, string key, JsonNode value)
        {
            string path = Path.Combine(model, name);
            JsonObject config = JsonNode.Parse(System.IO.File.ReadAllText(path))!.AsObject();
            config[key] = value;
            System.IO.File.WriteAllText(path, config.ToJsonString());
        }
    }

    public static RunFile FileOf(string root) => new()
    {
        Name = "tiny",
        RunId = "1",
        Stage = Stage.Train,
        Preset = PresetName.Recommended,
        Model = new() { Source = Goldens.Path(TinyRun.Tag) },
        Data = new()
        {
            Sources = [new() { Uri = Path.Combine(root, "train.parquet") }], HeldOut = [new() { Uri = Path.Combine(root, "held-out.parquet") }],
            Resolution = 32, Crop = CropMode.Random, Flip = FlipMode.Pair, EmptyPromptProportion = 0.2, PrefetchPairs = 3, CacheUri = Path.Combine(root, "cache"),
        },
        Training = new() { Objective = new() { Beta = 5000 }, Steps = Steps, GlobalBatch = 2, MicroBatch = 1, Seed = 3, Precision = Precision.Float32, Device = ComputeDevice.Cpu },
        Adapter = new(),
        Optimizer = TinyRun.Rates with { LearningRate = 1e-4, WarmupSteps = 0 },
        Checkpoints = new() { EverySteps = 2, Keep = 2, Uri = Path.Combine(root, "out", "checkpoints") },
        Output = new() { Uri = Path.Combine(root, "out") },
        Evaluation = new() { HeldOutPairs = 2, TimestepsPerPair = 2 },
        Storage = new(),
    };

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>Training pairs whose images are no images.</summary>
    public void SpoilTraining() => Write("train.parquet", 5, _ => [1, 2, 3]);

    /// <summary>Held-out pairs whose images are no images.</summary>
    public void SpoilHeldOut() => Write("held-out.parquet", 3, _ => [1, 2, 3]);

    private void Write(string name, int rows, int seed) => Write(name, rows, index => Image(seed + index));

    private void Write(string name, int rows, Func<int, byte[]> image)
    {
        using FileStream stream = System.IO.File.Create(Path.Combine(Root, name));
        PickAPicWriter.Write(stream, Enumerable.Range(0, rows).Select(i => new PickAPicRecord
        {
            Caption = $"a drawing of {i} things", Image0 = image(2 * i), Image1 = image((2 * i) + 1), Label0 = i % 2,
        }));
    }

    /// <summary>A picture of noise.</summary>
    public static byte[] Image(int index)
    {
        var random = new CounterRandom(1, 0, index, DrawPurpose.Synthesis);
        return ImageEncoder.Png(new RgbImage([.. Enumerable.Range(0, 40 * 36 * 3).Select(_ => (byte)random.NextUInt32())], 40, 36));
    }
}
