using DiffusionDpo.Models.Loading;
using DiffusionDpo.Training.Checkpoints;
using Spectre.Console;

namespace DiffusionDpo.Cli.Inspection;

/// <summary>A checkpoint of a run; its hashes are verified.</summary>
internal sealed class CheckpointInspector : IInspector
{
    /// <inheritdoc/>
    public bool Recognises(string path) => File.Exists(Path.Combine(path, CheckpointManifest.FileName));

    /// <inheritdoc/>
    public IEnumerable<Table> Inspect(string path, bool withTensors)
    {
        Checkpoint checkpoint = Checkpoint.Open(path);
        checkpoint.Verify();
        CheckpointManifest manifest = checkpoint.Manifest;
        Table facts = FactTable.Of(path);
        facts.Fact("step", $"{manifest.Position.Step}");
        facts.Fact("pairs consumed", $"{manifest.Position.Cursor:N0} (epoch {manifest.Position.Epoch})");
        facts.Fact("seed", $"{manifest.Position.Seed}");
        facts.Fact("run", $"{manifest.Run.Options["name"]}");
        facts.Fact("fingerprint", manifest.Run.Fingerprint);
        facts.Fact("data", manifest.Run.DataHash);
        if (manifest.Run.BaseHash is { } hash) facts.Fact("base unet", hash);
        facts.Fact("written", $"{manifest.CreatedAt:u} by {manifest.WorldSize} rank(s)");
        foreach (CheckpointFile file in manifest.Files) facts.Fact(file.Name, $"{file.Bytes:N0} bytes, sha256 {file.Sha256[..12]}…, intact");
        yield return facts;
        if (!withTensors) yield break;
        using Weights weights = Weights.Open(Path.Combine(path, manifest.Files.First(file => file.Name != TrainingState.OptimizerFile && file.Name != TrainingState.AverageFile).Name));
        yield return WeightsInspector.Tensors(weights);
    }
}
