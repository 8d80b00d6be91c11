using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Api.Validation;

/// <summary>What a run trains stays as it is while the run lives; a new runId starts a new run with other options.</summary>
public static class Immutability
{
    internal const string SameRun = "self.runId != oldSelf.runId || ";
    internal const string CheckpointsStay =
        "(has(self.checkpoints.uri) ? self.checkpoints.uri : '') == (has(oldSelf.checkpoints.uri) ? oldSelf.checkpoints.uri : '')";
    internal const string Message = "cannot change within a run — set another spec.runId to start a new run";

    private static readonly string[] Fixed = ["preset", "model", "data", "training", "adapter", "optimizer", "output", "checkpoints.uri"];

    /// <summary>What must not change from one specification to the next; the same as the CRD's transition rules.</summary>
    public static IReadOnlyList<ValidationError> Check(DpoFineTuneSpec old, DpoFineTuneSpec next)
    {
        if (old.RunId != next.RunId) return [];
        var (before, after) = (JsonSerializer.SerializeToNode(old, ApiJson.Compact), JsonSerializer.SerializeToNode(next, ApiJson.Compact));
        var changed = Fixed.Where(path => !JsonNode.DeepEquals(At(before, path), At(after, path)));
        return [.. changed.Select(path => new ValidationError($"spec.{path}", 0, 0, Message))];
    }

    private static JsonNode? At(JsonNode? node, string path) => path.Split('.').Aggregate(node, (n, key) => n?[key]);
}
