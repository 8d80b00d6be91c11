using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Cli.Reports;

/// <summary>How the loss of an objective is to be read; docs/losses.md has the equations.</summary>
/// <param name="Start">Its value where policy and reference agree, as they do at the start; null: there is no reference, and no such value.</param>
/// <param name="StartText">The same in words.</param>
/// <param name="Title">Of its curve, with the unit.</param>
internal sealed record LossReading(double? Start, string StartText, string Title)
{
    private const string Nats = "Loss (nats per pair)";
    private const string PerPair = "Loss (per pair)";

    /// <summary>That of a run's objective.</summary>
    /// <param name="objective">Its options.</param>
    public static LossReading Of(ObjectiveOptions objective) => objective.Type switch
    {
        ObjectiveType.Hinge => new(1, "1", PerPair),
        ObjectiveType.Ipo => new(0.25, "1/4", PerPair),
        ObjectiveType.Mapo => new(null, "", PerPair),
        ObjectiveType.Sft => new(null, "", "Loss"),
        _ => new(Math.Log(2), "ln 2 = 0.693", Nats),
    };
}
