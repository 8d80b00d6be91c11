using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Training.Objectives;

/// <summary>The list of objectives.</summary>
public static class ObjectiveList
{
    /// <summary>The objective that a resolved run file asks for.</summary>
    /// <param name="options">Resolved: β is given.</param>
    public static IObjective For(ObjectiveOptions options) => options.Type switch
    {
        ObjectiveType.Sigmoid => new SigmoidObjective(options.Beta!.Value),
        ObjectiveType.Sft => new SftObjective(),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Type, "not an objective"),
    };
}
