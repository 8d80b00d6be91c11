using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Processes;

/// <summary>A user's directory with a small model, small shards and a fine-tune; gone with the test.</summary>
internal sealed class Workspace : IDisposable
{
    public const int Steps = 6;

    public Workspace()
    {
        Directory.CreateDirectory(Root);
        foreach (string file in Goldens.Files("*", "tiny-sd15"))
        {
            string copy = At("model", Path.GetRelativePath("tiny-sd15", file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Goldens.Path(file), copy);
        }

        WriteShard("train.parquet", 10, 0);
        WriteShard("held-out.parquet", 4, 100);
        Write("finetune.yaml", Yaml);
    }

    public string Root { get; } = Path.Combine(Path.GetTempPath(), $"ddpo-cli-{Guid.NewGuid():N}");

    public string Run => At("run");

    public string UNet => At("model", "unet", "diffusion_pytorch_model.safetensors");

    public string Yaml { get; } = $$"""
        apiVersion: diffusiondpo.io/v1alpha1
        kind: DpoFineTune
        metadata:
          name: small
        spec:
          preset: salesforce
          model:
            family: sd15
            source: model
          data:
            sources: [{ uri: train.parquet }]
            heldOut: [{ uri: held-out.parquet }]
            resolution: 32
            crop: random
          training:
            objective: { type: sigmoid, beta: 2000 }
            steps: {{Steps}}
            globalBatch: 4
            microBatch: 2
            seed: 3
          optimizer: { learningRate: 1.0e-4, warmupSteps: 2 }
          checkpoints: { everySteps: 2, keep: 2 }
          evaluation: { heldOutPairs: 4, timestepsPerPair: 2 }
          output: { uri: run }
        """;

    public string At(params string[] parts) => Path.Combine([Root, .. parts]);

    public void Write(string name, string text) => File.WriteAllText(At(name), text);

    /// <summary>Replaces a part of the fine-tune, which must be there.</summary>
    public void Edit(string part, string by)
    {
        string text = File.ReadAllText(At("finetune.yaml"));
        Assert.Contains(part, text);
        Write("finetune.yaml", text.Replace(part, by, StringComparison.Ordinal));
    }

    public void WriteShard(string name, int rows, int seed, double? label = null, byte[]? image = null)
    {
        using FileStream stream = File.Create(At(name));
        PickAPicWriter.Write(stream, Enumerable.Range(0, rows).Select(i => new PickAPicRecord
        {
            Caption = $"a drawing of {i} things", Image0 = image ?? Image(seed + (2 * i)), Image1 = image ?? Image(seed + (2 * i) + 1), Label0 = label ?? i % 2,
        }));
    }

    public Outcome Ddpo(params IEnumerable<string> arguments) => DdpoProcess.Run(Root, arguments);

    public DdpoProcess Start(params IEnumerable<string> arguments) => DdpoProcess.Start(Root, arguments);

    /// <summary>What decides the run's result, by file name: the exported network, and the last checkpoint's weights and moments.</summary>
    public IReadOnlyDictionary<string, string> Results(string run = "run")
    {
        string[] files = [At(run, "model", "unet", "diffusion_pytorch_model.safetensors"), .. Directory.GetFiles(At(run, "checkpoints", $"step-{Steps:D8}"), "*.safetensors")];
        return files.ToDictionary(file => Path.GetRelativePath(At(run), file), file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))));
    }

    /// <summary>Every file and its content below a directory.</summary>
    public string[] Snapshot(string directory) => [.. Directory.GetFiles(At(directory), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(file => $"{file} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}")];

    /// <summary>What a writer left unfinished.</summary>
    public string[] Leftovers => [.. Directory.GetFileSystemEntries(Root, "*.partial", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })];

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static byte[] Image(int index)
    {
        var random = new CounterRandom(1, 0, index, DrawPurpose.Synthesis);
        return ImageEncoder.Png(new RgbImage([.. Enumerable.Range(0, 40 * 36 * 3).Select(_ => (byte)random.NextUInt32())], 40, 36));
    }
}
