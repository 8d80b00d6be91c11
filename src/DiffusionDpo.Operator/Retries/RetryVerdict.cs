using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Operator.Retries;

/// <summary>Whether a run goes on after a failure.</summary>
/// <param name="Retries">What is used up now.</param>
/// <param name="GivenUp">Why the run is given up, in one CamelCase word; null where it goes on.</param>
/// <param name="Sentence">The same for people.</param>
internal sealed record RetryVerdict(RetryStatus Retries, string? GivenUp = null, string? Sentence = null);
