namespace DiffusionDpo.Cli.Reports;

/// <summary>Something that a look at the curves would tell an expert, in one sentence with what to do.</summary>
/// <param name="IsAlarm">Whether something is wrong.</param>
/// <param name="Text">The sentence.</param>
internal sealed record Finding(bool IsAlarm, string Text);
