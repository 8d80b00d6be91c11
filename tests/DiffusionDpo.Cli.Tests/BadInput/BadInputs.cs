using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Data.PickAPic;
using ParquetSharp;

namespace DiffusionDpo.Cli.Tests.BadInput;

/// <summary>What a user may get wrong before the first step.</summary>
internal static class BadInputs
{
    private const string UNet = "unet/diffusion_pytorch_model.safetensors";

    public static IReadOnlyDictionary<string, BadInputCase> All { get; } = new Dictionary<string, BadInputCase>
    {
        ["no model directory"] = new(66, (_, tune) => (tune with { Model = "none" }).ToYaml(), "WORK/none", "model in diffusers layout is needed there"),
        ["directory of models"] = new(66, (work, tune) => (tune with { Model = Path.GetDirectoryName(work.Copy(tune.Model, "models/one"))! }).ToYaml(), "WORK/models is no model", "WORK/models/one is one, name that"),
        ["model in one file"] = new(78, (work, tune) => (tune with { Model = OneFile(work) }).ToYaml(), "WORK/one.safetensors is one file, and a model in diffusers layout is needed", "ddpo convert WORK/one.safetensors DIRECTORY --tokenizer"),
        ["model of nothing"] = new(66, (work, tune) => (tune with { Model = Directory.CreateDirectory(work.In("empty-model")).FullName }).ToYaml(), "WORK/empty-model/model_index.json does not exist", "an index of a model"),
        ["no tokenizer"] = new(66, (work, tune) => Damaged(work, tune, model => Directory.Delete(Path.Combine(model, "tokenizer"), true)), "WORK/model has no directory tokenizer", "fetch the whole model"),
        ["no vocabulary"] = new(66, (work, tune) => Damaged(work, tune, model => File.Delete(Path.Combine(model, "tokenizer", "vocab.json"))), "WORK/model/tokenizer/vocab.json", "is this a model in diffusers layout?"),
        ["precision that nothing computes in"] = new(78, (_, tune) => tune.ToYaml().Replace("precision: fp32", "precision: fp16", StringComparison.Ordinal), "spec.training.precision", "its range needs loss scaling, and CPUs compute in it unusably slowly — compute in bf16 or fp32"),
        ["precision that nobody knows"] = new(78, (_, tune) => tune.ToYaml().Replace("precision: fp32", "precision: float32", StringComparison.Ordinal), "spec.training.precision", "use one of fp32, bf16, fp16"),
        ["labels without a verdict"] = new(65, (work, tune) => WithRows(work, tune, row => row with { HasLabel = false }), "WORK/data", "4 unlabelled", "give sources with preferences"),
        ["no unet"] = new(66, (work, tune) => Damaged(work, tune, model => Directory.Delete(Path.Combine(model, "unet"), true)), "WORK/model", "unet", "fetch the whole model"),
        ["another pipeline"] = new(78, (work, tune) => Damaged(work, tune, ToXl), "WORK/model", "StableDiffusionXLPipeline", "model.family says Stable Diffusion 1.x"),
        ["family of another model"] = new(78, (_, tune) => (tune with { Family = "sdxl" }).ToYaml(), "tiny-sd15", "names a StableDiffusionPipeline", "model.family says Stable Diffusion XL: correct one of the two"),
        ["parts of two models"] = new(78, (work, tune) => Damaged(work, tune, MixedWithXl), "WORK/model mixes parts of different models", "its text encoders give token states of width 32, its unet takes 48", "fetch the whole model again"),
        ["adapters of rank 0"] = new(78, (_, tune) => WithAdapters(tune, "rank: 0"), "spec.adapter.rank", "0 is too small", "at least 1"),
        ["adapters for layers that nobody has"] = new(78, (work, tune) => WithAdapters(tune with { Model = Cut(work.Copy(tune.Model, "model"), UNet) }, "targets: [to_q, query]"), "adapter.targets: no layer's name ends in query", "known are conv, conv1, "),
        ["adapters scaled and not asked for"] = new(78, (_, tune) => tune.ToYaml().Replace("  training:", "  adapter: { alpha: 8 }\n  training:", StringComparison.Ordinal), "spec.adapter.alpha", "set adapter.type to lora"),
        ["cut weights"] = new(65, (work, tune) => Damaged(work, tune, model => Cut(Path.Combine(model, UNet))), "WORK/model/" + UNet),
        ["weights that are no numbers"] = new(83, (work, tune) => Damaged(work, tune, NotANumber), "step 1", "not finite", "lower optimizer.learningRate"),
        ["no data"] = new(66, (_, tune) => (tune with { Data = "none" }).ToYaml(), "WORK/none", "no shard is there"),
        ["no shards in the data"] = new(66, (work, tune) => (tune with { Data = Directory.CreateDirectory(work.In("empty")).FullName }).ToYaml(), "WORK/empty", "*.parquet"),
        ["no held-out data"] = new(66, (_, tune) => (tune with { HeldOut = "none" }).ToYaml(), "WORK/none", "no shard is there"),
        ["shard that is none"] = new(65, (work, tune) => WithShard(work, tune, shard => File.WriteAllText(shard, "no parquet")), "WORK/data/train.parquet"),
        ["cut shard"] = new(65, (work, tune) => WithShard(work, tune, Cut), "WORK/data/train.parquet"),
        ["shard of no bytes"] = new(65, (work, tune) => WithShard(work, tune, shard => File.WriteAllBytes(shard, [])), "WORK/data/train.parquet"),
        ["shard of no rows"] = new(65, (work, tune) => WithShard(work, tune, shard => TinyData.Write(shard, 0)), "WORK/data/train.parquet", "holds no rows", "fetch it again"),
        ["shard with other columns"] = new(65, (work, tune) => WithShard(work, tune, OtherColumns), "WORK/data/train.parquet", "no column jpg_0, jpg_1, label_0", "caption, jpg_0, jpg_1 and label_0 are needed, and it has caption, image"),
        ["nothing but ties"] = new(65, (work, tune) => WithRows(work, tune, row => row with { Label0 = 0.5 }), "WORK/data", "no pair is left of 4 rows", "4 ties", "give sources with preferences"),
        ["images that are none"] = new(65, (work, tune) => WithRows(work, tune, row => row with { Image0 = [1, 2, 3] }), "WORK/data/train.parquet", "maxBadFraction"),
        ["malformed YAML"] = new(78, (_, tune) => tune.ToYaml().Replace("name: tiny", "name: [tiny", StringComparison.Ordinal), "WORK/finetune.yaml:"),
        ["misspelt key"] = new(78, (_, tune) => tune.ToYaml().Replace("warmupSteps", "warmupStep", StringComparison.Ordinal), "WORK/finetune.yaml:15:", "spec.optimizer.warmupStep", "warmupSteps"),
        ["duplicate key"] = new(78, (_, tune) => tune.ToYaml().Replace("seed: 7", "seed: 7, seed: 8", StringComparison.Ordinal), "WORK/finetune.yaml:14:", "seed"),
        ["batch that cannot be divided"] = new(78, (_, tune) => tune.ToYaml().Replace("microBatch: 2", "microBatch: 3", StringComparison.Ordinal), "WORK/finetune.yaml:14:", "spec.training.globalBatch", "not divisible", "change one of them"),
        ["output below a file"] = new(74, (work, tune) => (tune with { Output = "finetune.yaml/run" }).ToYaml(), "output.uri", "WORK/finetune.yaml/run", "choose another directory"),
        ["output where nobody can write"] = new(74, (_, tune) => (tune with { Output = "/proc/ddpo" }).ToYaml(), "output.uri", "/proc/ddpo", "choose another directory"),
    };

    private static string OneFile(Workspace work)
    {
        File.WriteAllBytes(work.In("one.safetensors"), []);
        return work.In("one.safetensors");
    }

    private static string Damaged(Workspace work, TinyFineTune tune, Action<string> damage)
    {
        string model = work.Copy(tune.Model, "model");
        damage(model);
        return (tune with { Model = model }).ToYaml();
    }

    private static string WithRows(Workspace work, TinyFineTune tune, Func<PickAPicRecord, PickAPicRecord> change) =>
        WithShard(work, tune, shard => TinyData.Write(shard, 4, change: change));

    private static string WithShard(Workspace work, TinyFineTune tune, Action<string> damage)
    {
        string shard = work.In("data", "train.parquet");
        TinyData.Write(shard, 4);
        damage(shard);
        return (tune with { Data = work.In("data") }).ToYaml();
    }

    private static void OtherColumns(string shard)
    {
        using ParquetFileWriter writer = new(shard, [new Column<string>("caption"), new Column<byte[]>("image")]);
        writer.Close();
    }

    private static string WithAdapters(TinyFineTune tune, string options) =>
        tune.ToYaml().Replace("  training:", $"  adapter: {{ type: lora, {options} }}\n  training:", StringComparison.Ordinal);

    // its text encoder is not looked into before that is found
    private static void MixedWithXl(string model)
    {
        foreach (string file in Directory.GetFiles(Shared.Goldens.Path("tiny-sdxl", "unet"))) File.Copy(file, Path.Combine(model, "unet", Path.GetFileName(file)), overwrite: true);
        Cut(Path.Combine(model, "text_encoder", "model.safetensors"));
    }

    private static string Cut(string model, string file)
    {
        Cut(Path.Combine(model, file));
        return model;
    }

    private static void Cut(string file)
    {
        using FileStream stream = File.OpenWrite(file);
        stream.SetLength(stream.Length * 2 / 3);
    }

    private static void ToXl(string model)
    {
        string index = Path.Combine(model, "model_index.json");
        File.WriteAllText(index, File.ReadAllText(index).Replace("\"StableDiffusionPipeline\"", "\"StableDiffusionXLPipeline\"", StringComparison.Ordinal));
    }

    public static void NotANumber(string model) => NotANumber(model, UNet);

    public static void NotANumber(string model, string file)
    {
        using FileStream weights = File.OpenWrite(Path.Combine(model, file));
        weights.Seek(-4, SeekOrigin.End);
        weights.Write(BitConverter.GetBytes(float.NaN));
    }
}
