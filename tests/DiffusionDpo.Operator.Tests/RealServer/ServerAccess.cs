using System.Security.Cryptography.X509Certificates;

namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>How to reach an API server.</summary>
/// <param name="Client">Connects to it; sends no credentials of its own.</param>
/// <param name="AdminToken">The bearer token of its administrator.</param>
/// <param name="Authorities">What its certificate is checked with; null where it has none.</param>
/// <param name="HasControllers">Whether Jobs and garbage are looked after.</param>
/// <param name="ThrowIfDead">Fails where it does not run any more, and says why.</param>
internal sealed record ServerAccess(HttpClient Client, string AdminToken, X509Certificate2Collection? Authorities, bool HasControllers, Action ThrowIfDead);
