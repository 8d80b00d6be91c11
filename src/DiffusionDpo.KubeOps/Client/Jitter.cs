using System.Security.Cryptography;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>Spreads what would otherwise happen everywhere at once. Nothing depends on its values.</summary>
internal static class Jitter
{
    /// <summary>From 0 to below <paramref name="most"/>.</summary>
    public static double Next(double most) => RandomNumberGenerator.GetInt32(1 << 16) / (double)(1 << 16) * most;
}
