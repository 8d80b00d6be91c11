using System.Globalization;

namespace DiffusionDpo.KubeOps.Caching;

/// <summary>Versions of objects. The API server counts its writes: of two versions of a kind the larger number is the later one.</summary>
internal static class ResourceVersion
{
    /// <summary>The number; 0, older than all, where there is none.</summary>
    public static ulong Parse(string? version) => ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
