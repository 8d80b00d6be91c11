using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Feedback;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Storage;
using DiffusionDpo.Training.Checkpoints;

namespace DiffusionDpo.Training.Runs;

/// <summary>Where on this machine a run finds what its run file names. What is in object storage is fetched before, and brought there afterwards, by whoever starts the run.</summary>
public sealed record RunPlaces
{
    /// <summary>The base model's directory.</summary>
    public required string Model { get; init; }

    /// <summary>The files of the scorer that makes the labels; null where they are people's.</summary>
    public ScorerSource? Scorer { get; init; }

    /// <summary>The run's directory.</summary>
    public required string Directory { get; init; }

    /// <summary>The run's checkpoints, here or in object storage.</summary>
    public required ICheckpointStore Checkpoints { get; init; }

    /// <summary>The exported model, once the run is finished.</summary>
    public string ExportedModel => Path.Combine(Directory, "model");

    /// <summary>The exported adapters, once the run is finished; not there where all weights are trained.</summary>
    public string ExportedAdapters => Path.Combine(Directory, "lora");

    /// <summary>The places of a run of which everything is on this machine.</summary>
    /// <param name="file">Its run file.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="RunException">Configuration error: something is not.</exception>
    public static RunPlaces OnThisMachine(RunFile file, TimeProvider time) => new()
    {
        Model = PathOf(file.Model.Source, "model.source"),
        Scorer = FeedbackScorer.Of(file.Data),
        Directory = PathOf(file.Output.Uri, "output.uri"),
        Checkpoints = new CheckpointStore(PathOf(file.Checkpoints.Uri!, "checkpoints.uri"), file.Checkpoints.Keep, time),
    };

    private static string PathOf(string uri, string field) => StorageUri.Parse(uri) is { Scheme: StorageScheme.File } local
        ? local.LocalPath
        : throw new RunException(ExitClass.ConfigurationError, $"{field}: {uri} is not on this machine; give a local path");
}
