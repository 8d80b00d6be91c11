using System.Globalization;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Training.Checkpoints.Remote;

/// <summary>
/// The name of a checkpoint in object storage, such as <c>step-00000100-a00000002</c>: with the attempt that writes it, so that no two processes ever write the same object.
/// </summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Attempt">The attempt.</param>
internal readonly record struct RemoteCheckpointName(int Step, int Attempt)
{
    private const string Separator = "-a";

    /// <summary>The name that an object below the directory of checkpoints belongs to; null: none.</summary>
    public static RemoteCheckpointName? Of(StorageUri uri, StorageUri directory)
    {
        string[] parts = uri.RelativeTo(directory).Split('/')[0].Split(Separator);
        return parts.Length == 2 && CheckpointName.StepOf(parts[0]) is { } step && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int attempt)
            ? new(step, attempt)
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => CheckpointName.Of(Step) + Separator + Attempt.ToString("D8", CultureInfo.InvariantCulture);
}
