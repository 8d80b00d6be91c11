using DiffusionDpo.KubeOps.Texts;
using k8s.Models;

namespace DiffusionDpo.Operator.Conditions;

/// <summary>Builds a status's conditions; a condition whose status stays keeps the time of its last transition.</summary>
internal sealed class ConditionList(IReadOnlyList<V1Condition> before, long? generation, DateTimeOffset now)
{
    /// <summary>Longest message.</summary>
    public const int MostCharacters = 2048;

    private readonly List<V1Condition> _after = [];

    /// <summary>The conditions.</summary>
    public IReadOnlyList<V1Condition> After => _after;

    /// <summary>Adds a condition.</summary>
    public void Add(string type, bool holds, string reason, string message)
    {
        var status = holds ? "True" : "False";
        var old = before.FirstOrDefault(c => c.Type == type);
        _after.Add(new V1Condition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = ForeignText.OneLine(message, MostCharacters),
            ObservedGeneration = generation,
            LastTransitionTime = old?.Status == status ? old.LastTransitionTime : WholeSeconds(now),
        });
    }

    // The API server keeps seconds: with more, a status would differ from itself once read back.
    private static DateTime WholeSeconds(DateTimeOffset time) => time.UtcDateTime.AddTicks(-(time.UtcTicks % TimeSpan.TicksPerSecond));
}
