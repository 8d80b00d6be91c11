namespace DiffusionDpo.Storage.Tests.Faults;

/// <summary>A fault that befalls some requests.</summary>
/// <param name="When">Which ones.</param>
/// <param name="Fault">What happens.</param>
/// <param name="Times">To how many of them; the first ones.</param>
internal sealed record Rule(Func<Asked, bool> When, Fault Fault, int Times = int.MaxValue);
