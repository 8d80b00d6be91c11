using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.KubeOps.Texts;
using DiffusionDpo.Operator.Conditions;

namespace DiffusionDpo.Operator.Reconciling.Steps;

/// <summary>A specification with errors starts nothing.</summary>
internal static class AcceptSpecification
{
    /// <summary>Decides.</summary>
    public static Next Decide(Decision decision)
    {
        var errors = ClusterValidation.Validate(decision.Seen.FineTune);
        if (errors.Count == 0 || decision.HasEnded) return Next.Step;
        decision.Invalid = ForeignText.OneLine(string.Join("; ", errors.Select(error => error.Describe())), ConditionList.MostCharacters);
        if (decision.Status.Conditions.All(c => c.Type != ConditionTypes.Accepted || c.Reason != Reasons.InvalidSpec || c.Message != decision.Invalid))
            decision.Tell(EventKind.Warning, Reasons.InvalidSpec, "Accept", decision.Invalid);
        // An attempt that runs keeps its own run file: the errors matter to the next one.
        return decision.Open is null ? Next.Report : Next.Step;
    }
}
