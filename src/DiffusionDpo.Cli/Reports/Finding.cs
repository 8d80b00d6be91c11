namespace DiffusionDpo.Cli.Reports;

/// <summary>Something that a look at the curves would tell an expert.</summary>
/// <param name="Weight">How it is meant.</param>
/// <param name="Title">What, in one sentence.</param>
/// <param name="Text">The figures behind it and what to do.</param>
internal sealed record Finding(FindingWeight Weight, string Title, string Text);
