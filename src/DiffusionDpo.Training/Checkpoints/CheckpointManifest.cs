using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionDpo.Training.Checkpoints;

/// <summary>What a checkpoint says about itself: written last, so that a checkpoint with a manifest is complete.</summary>
public sealed record CheckpointManifest
{
    /// <summary>The format this build reads and writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Its file name.</summary>
    public const string FileName = "manifest.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    };

    /// <summary>Format of the checkpoint.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>Where training is.</summary>
    public required TrainingPosition Position { get; init; }

    /// <summary>What the checkpoint belongs to.</summary>
    public required RunIdentity Run { get; init; }

    /// <summary>Every other file.</summary>
    public required IReadOnlyList<CheckpointFile> Files { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>How many ranks wrote it.</summary>
    public required int WorldSize { get; init; }

    /// <summary>In object storage: the attempt that wrote it, by which the writings of a process that was taken over are told apart. On this machine a lock keeps others out: 0.</summary>
    public int Attempt { get; init; }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    internal static CheckpointManifest? Parse(Stream json) => JsonSerializer.Deserialize<CheckpointManifest>(json, Json);
}

/// <summary>Where training is: with the seed, all that its random numbers depend on.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Cursor">Pairs consumed.</param>
/// <param name="Epoch">Pass over the data that the cursor is in.</param>
/// <param name="Seed">The run's seed.</param>
public sealed record TrainingPosition(int Step, long Cursor, long Epoch, long Seed);

/// <summary>The run that a checkpoint belongs to.</summary>
/// <param name="Fingerprint">The run file's.</param>
/// <param name="DataHash">The hash of the list of pairs.</param>
/// <param name="Options">The run file, all options resolved.</param>
public sealed record RunIdentity(string Fingerprint, string DataHash, JsonNode Options)
{
    /// <summary>The hash of the base network's weights; null in checkpoints of versions that did not take it.</summary>
    public string? BaseHash { get; init; }
}

/// <summary>A file of a checkpoint.</summary>
/// <param name="Name">Its path in the checkpoint.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its hash, in lower-case hex.</param>
public sealed record CheckpointFile(string Name, long Bytes, string Sha256);
