namespace DiffusionDpo.Cli.Display;

/// <summary>A step's numbers in one line of text, the most wanted first: narrow terminals leave out the last.</summary>
internal static class StepLine
{
    private const string Between = "  ";

    /// <summary>The line.</summary>
    /// <param name="step">The numbers.</param>
    public static string Of(StepProgress step) => string.Join(Between, Parts(step));

    /// <summary>As many of the numbers as there is room for, none of them cut.</summary>
    /// <param name="step">The numbers.</param>
    /// <param name="width">Room in characters.</param>
    public static string Within(StepProgress step, int width)
    {
        string line = "";
        foreach (string part in Parts(step))
        {
            string longer = line.Length == 0 ? part : line + Between + part;
            if (longer.Length > width) break;
            line = longer;
        }

        return line;
    }

    private static IEnumerable<string> Parts(StepProgress step)
    {
        yield return $"step {step.Step}/{step.TotalSteps}";
        if (step.Step < step.TotalSteps) yield return $"{Duration(step.Remaining)} left";
        yield return $"loss {step.Loss:F4}";
        if (!double.IsNaN(step.ImplicitAccuracy)) yield return $"accuracy {step.ImplicitAccuracy:P0}";
        yield return $"{step.PairsPerSecond:F1} pairs/s";
        yield return $"grad norm {step.GradNorm:G3}";
        yield return $"lr {step.LearningRate:G3}";
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
