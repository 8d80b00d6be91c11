using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionDpo.Api.Documents;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Validation;

namespace DiffusionDpo.Api.Plans;

/// <summary>
/// What a trainer process is told, as one complete value: every number is resolved, every relative path is absolute.
/// The operator or the launcher writes it, the trainer reads it, and a copy stays in the run's directory.
/// </summary>
public sealed record RunFile
{
    /// <summary>Name of the fine-tune.</summary>
    public required string Name { get; init; }

    /// <summary>Which run of the fine-tune this is.</summary>
    public required string RunId { get; init; }

    /// <summary>What the process does.</summary>
    public required Stage Stage { get; init; }

    /// <summary>The preset that filled what the user left open.</summary>
    public required PresetName Preset { get; init; }

    /// <summary>The base model.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>The preference pairs.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>Objective and extent.</summary>
    public required TrainingOptions Training { get; init; }

    /// <summary>Which weights are trained.</summary>
    public required AdapterOptions Adapter { get; init; }

    /// <summary>The optimizer and its schedule.</summary>
    public required OptimizerOptions Optimizer { get; init; }

    /// <summary>When the state is saved.</summary>
    public required CheckpointOptions Checkpoints { get; init; }

    /// <summary>Where the run lives.</summary>
    public required OutputOptions Output { get; init; }

    /// <summary>What is measured.</summary>
    public required EvaluationOptions Evaluation { get; init; }

    /// <summary>How object storage is reached.</summary>
    public required StorageOptions Storage { get; init; }

    /// <summary>
    /// SHA-256 in hex of all that decides the weights. Two run files with equal fingerprints train the same model, so one may go on from
    /// the other's checkpoint; a directory or checkpoint with another fingerprint belongs to another run.
    /// </summary>
    [JsonIgnore]
    public string Fingerprint => RunFingerprint.Of(this);

    /// <summary>Why another run file has another fingerprint: the options that differ, with their values in that one and in this one.</summary>
    /// <param name="there">The other.</param>
    public IEnumerable<string> DifferencesFrom(RunFile there) => RunFingerprint.Differences(there, this);

    /// <summary>The run file as indented JSON with a final line break.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ApiJson.Indented) + "\n";

    /// <summary>Reads a run file; every member must be there and within the bounds of the fine-tune's fields.</summary>
    /// <exception cref="RunException">The text is not a complete run file; the message names every problem.</exception>
    public static RunFile Parse(string json)
    {
        var binder = new DocumentBinder(everyMember: true);
        var file = binder.Bind(typeof(RunFile), Read(json), "") as RunFile;
        IReadOnlyList<ValidationError> errors = file is null || binder.Errors.Count > 0 ? binder.Errors : [.. BoundsCheck.Check(file, "")];
        if (file is not null && errors.Count == 0) return file;
        var problems = string.Join("; ", errors.Select(e => e.Describe()));
        throw new RunException(ExitClass.ConfigurationError, $"run file: {problems}. Have it written anew from the fine-tune");
    }

    private static DocumentNode Read(string json)
    {
        try
        {
            return JsonDocumentReader.Read(json);
        }
        catch (JsonException e)
        {
            var problem = e.LineNumber is null ? $"not JSON: {e.Message}" : $"not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
            throw new RunException(ExitClass.ConfigurationError, $"run file: {problem}. Have it written anew from the fine-tune", e);
        }
    }
}
