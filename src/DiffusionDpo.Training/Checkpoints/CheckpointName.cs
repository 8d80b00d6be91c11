using System.Globalization;

namespace DiffusionDpo.Training.Checkpoints;

/// <summary>Names of the directories of checkpoints, such as <c>step-00000100</c>: in the order of their steps.</summary>
internal static class CheckpointName
{
    /// <summary>What each begins with.</summary>
    public const string Prefix = "step-";

    /// <summary>The name for a step.</summary>
    public static string Of(int step) => Prefix + step.ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>The step of a name; null: it is no such name.</summary>
    public static int? StepOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int step) && name == Of(step) ? step : null;
}
