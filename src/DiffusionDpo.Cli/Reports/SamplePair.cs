namespace DiffusionDpo.Cli.Reports;

/// <summary>What two models draw from the same noise.</summary>
/// <param name="Prompt">What was asked for.</param>
/// <param name="Before">The base model's image, as a data URI.</param>
/// <param name="After">The fine-tuned model's.</param>
internal sealed record SamplePair(string Prompt, string Before, string After);
