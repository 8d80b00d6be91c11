using DiffusionDpo.Api.Options;
using DiffusionDpo.Training.Steps;

namespace DiffusionDpo.Training.Objectives;

/// <summary>The list of objectives, and of what may be combined with them.</summary>
public static class ObjectiveList
{
    /// <summary>The objective that a resolved run file asks for.</summary>
    /// <param name="options">Resolved: β and the margin's weight are given.</param>
    public static IObjective For(ObjectiveOptions options) =>
        options.WinnerAnchor > 0 ? new WinnerAnchor(Loss(options), options.WinnerAnchor) : Loss(options);

    /// <summary>How it sees the policy's errors.</summary>
    /// <param name="options">Resolved: the safeguard's margin is given.</param>
    public static IPolicyErrors ErrorsFor(ObjectiveOptions options) =>
        options.Safeguard ? new SafeguardedErrors(options.SafeguardMargin!.Value) : new PlainErrors();

    private static IObjective Loss(ObjectiveOptions options) => options.Type switch
    {
        ObjectiveType.Sigmoid when options.LabelSmoothing > 0 => new SmoothedSigmoidObjective(options.Beta!.Value, options.LabelSmoothing),
        ObjectiveType.Sigmoid => new SigmoidObjective(options.Beta!.Value),
        ObjectiveType.Robust => new RobustObjective(options.Beta!.Value, options.LabelSmoothing),
        ObjectiveType.Hinge => new HingeObjective(options.Beta!.Value),
        ObjectiveType.Ipo => new IpoObjective(options.Beta!.Value),
        ObjectiveType.Mapo => new MapoObjective(options.MarginWeight!.Value),
        ObjectiveType.Sft => new SftObjective(),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Type, "not an objective"),
    };
}
