using System.Text;

namespace DiffusionDpo.Cli.Display;

/// <summary>A step's numbers in one line of text, the most wanted first: narrow terminals cut the end.</summary>
internal static class StepLine
{
    /// <summary>The line.</summary>
    /// <param name="step">The numbers.</param>
    public static string Of(StepProgress step)
    {
        StringBuilder line = new();
        line.Append($"step {step.Step}/{step.TotalSteps}");
        if (step.Step < step.TotalSteps) line.Append($"  {Duration(step.Remaining)} left");
        line.Append($"  loss {step.Loss:F4}");
        if (!double.IsNaN(step.ImplicitAccuracy)) line.Append($"  accuracy {step.ImplicitAccuracy:P0}");
        line.Append($"  {step.PairsPerSecond:F1} pairs/s  grad norm {step.GradNorm:G3}  lr {step.LearningRate:G3}");
        return line.ToString();
    }

    /// <summary>A duration in its two largest units.</summary>
    /// <param name="span">The duration.</param>
    public static string Duration(TimeSpan span) => span switch
    {
        { TotalDays: >= 1 } => $"{(int)span.TotalDays}d {span.Hours}h",
        { TotalHours: >= 1 } => $"{span.Hours}h {span.Minutes}m",
        { TotalMinutes: >= 1 } => $"{span.Minutes}m {span.Seconds}s",
        _ => $"{span.Seconds}s",
    };
}
