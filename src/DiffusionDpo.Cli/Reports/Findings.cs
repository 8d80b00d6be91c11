namespace DiffusionDpo.Cli.Reports;

/// <summary>The list of findings.</summary>
internal static class Findings
{
    private static readonly Func<RunFacts, Finding?>[] s_all =
    [
        CourseFindings.Ended,
        CourseFindings.NotFinite,
        ModelFindings.Collapsed,
        ModelFindings.Opposes,
        ModelFindings.Learned,
        ModelFindings.Stuck,
        ModelFindings.LossRose,
        ModelFindings.NothingHeldOut,
        ModelFindings.Fitted,
        ModelFindings.Strained,
        ModelFindings.Denoises,
        ModelFindings.Memorises,
        CourseFindings.NoSamples,
        CourseFindings.SkippedRows,
        CourseFindings.WaitsForData,
    ];

    /// <summary>All that hold: alarms first, then in the order of the list. The first is the run's verdict.</summary>
    /// <param name="facts">The run.</param>
    public static IReadOnlyList<Finding> Of(RunFacts facts) => [.. s_all.Select(rule => rule(facts)).OfType<Finding>().OrderBy(one => one.Weight != FindingWeight.Alarm)];
}
