namespace Gpu;

/// <summary>Something that has to hold.</summary>
/// <param name="What">In words.</param>
/// <param name="Found">What was measured.</param>
/// <param name="Limit">What is allowed.</param>
/// <param name="Holds">Whether it is within the limit.</param>
internal sealed record Check(string What, string Found, string Limit, bool Holds);
