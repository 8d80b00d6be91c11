namespace Benchmarks.Scoring;

/// <summary>What was measured of a scorer.</summary>
/// <param name="Model">Its size.</param>
/// <param name="PreparedPerSecond">Images of 512² decoded and prepared per second by one thread.</param>
/// <param name="ImagesPerSecond">Images embedded per second.</param>
/// <param name="PromptsPerSecond">Prompts embedded per second.</param>
/// <param name="ImageGflops">Billions of operations per second in that of images.</param>
/// <param name="RawGflops">The same of a large matrix product right before.</param>
/// <param name="ResidentMebibytes">Memory that the scorer took.</param>
internal sealed record ScoreFigures(string Model, double PreparedPerSecond, double ImagesPerSecond, double PromptsPerSecond, double ImageGflops, double RawGflops, double ResidentMebibytes);
