namespace Science.Reporting;

/// <summary>A threshold that was set, and what was found.</summary>
/// <param name="Claim">What is claimed, with its threshold.</param>
/// <param name="Found">The number.</param>
/// <param name="Holds">Whether the claim stands.</param>
public sealed record Check(string Claim, string Found, bool Holds);
