using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Texts;

namespace DiffusionDpo.Operator.Attempts;

/// <summary>Why an attempt ended, from the pod that ended first of its own doing.</summary>
/// <param name="Class">The class.</param>
/// <param name="Rank">Index of that worker.</param>
/// <param name="Node">Its node.</param>
/// <param name="Message">What it said last, on one line.</param>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Checkpoint">The newest checkpoint that any process of the attempt completed.</param>
internal sealed record RootCause(
    AttemptClass Class, int? Rank = null, string? Node = null, string? Message = null, int? Step = null, CheckpointStatus? Checkpoint = null)
{
    private const int MostCharacters = 1024;

    /// <summary>The root cause of a failure. All pods are terminal or gone.</summary>
    public static RootCause Of(IReadOnlyList<PodView> pods)
    {
        var first = pods
            .Select(pod => (Pod: pod, Class: PodEndRules.Classify(pod)))
            .Where(ended => ended.Class != AttemptClass.Succeeded)
            // A lost peer is never the cause when another rank failed, whoever noticed first.
            .OrderBy(ended => ended.Class == AttemptClass.PeerLost)
            .ThenBy(ended => ended.Pod.End?.At ?? DateTimeOffset.MaxValue)
            // Times have whole seconds. Whoever was deleted in the same second was deleted because of another's failure, unless the cluster did.
            .ThenBy(ended => ended.Pod.Deleting && !PodEndRules.IsDisrupted(ended.Pod))
            .ThenBy(ended => ended.Class is AttemptClass.PreemptedSaved or AttemptClass.Unknown)
            .ThenBy(ended => ended.Pod.Index)
            .FirstOrDefault();
        var messages = pods.Select(WordsOf).ToList();
        var checkpoint = messages.Select(m => Believable.Checkpoint(m?.LastCheckpoint)).OfType<CheckpointStatus>().MaxBy(c => c.Step);
        if (first.Pod is not { } pod) return new RootCause(AttemptClass.Vanished, Checkpoint: checkpoint);
        var words = WordsOf(pod);
        return new RootCause(first.Class, pod.Index, pod.Node, Said(pod, words), words?.Step is >= 0 and var step ? step : null, checkpoint);
    }

    /// <summary>The last words of a pod; null where it left none, or words that its exit code contradicts.</summary>
    public static TerminationMessage? WordsOf(PodView pod)
    {
        if (pod.End is not { Message: { } text, ExitCode: var code }) return null;
        return TerminationMessage.TryParse(text) is { Message: not null } words && words.Code == code ? words : null;
    }

    /// <summary>All of its last words; of a log, the last line.</summary>
    private static string? Said(PodView pod, TerminationMessage? words)
    {
        var line = words is not null
            ? ForeignText.OneLine(words.Message, MostCharacters)
            : ForeignText.LastLine(pod.End?.Message ?? pod.Disruption ?? pod.Reason ?? pod.End?.Reason, MostCharacters);
        return line.Length > 0 ? line : null;
    }
}
