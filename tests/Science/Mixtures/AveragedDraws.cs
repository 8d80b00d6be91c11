using DiffusionDpo.Training.Objectives;
using static TorchSharp.torch;

namespace Science.Mixtures;

/// <summary>
/// An objective on errors that are averaged over several draws of (t, ε) of each pair: the expectation stands inside the sigmoid, as before
/// Jensen's inequality (Wallace et al. 2023, eq. 13). With one draw it is the objective itself (eq. 14).
/// </summary>
/// <param name="inner">The product's objective.</param>
/// <param name="draws">Rows of a pair, which follow each other.</param>
public sealed class AveragedDraws(IObjective inner, int draws) : IObjective
{
    public bool LooksAtLosers => inner.LooksAtLosers;

    public bool ComparesWithReference => inner.ComparesWithReference;

    public ObjectiveValue Evaluate(Tensor policyErrors, Tensor? referenceErrors, Tensor weights) =>
        inner.Evaluate(Mean(policyErrors), referenceErrors is null ? null : Mean(referenceErrors), Mean(weights));

    private Tensor Mean(Tensor rows) => rows.view(-1, draws).mean([1]);
}
