using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using k8s.Models;

namespace DiffusionDpo.Cli.Places;

/// <summary>Where on this machine copies of what is in object storage are kept.</summary>
internal static class CachePlaces
{
    private const string DefaultModelBytes = "100Gi";

    /// <summary>Base models.</summary>
    public static string Models => Of(EnvironmentKeys.ModelCache) ?? Path.Combine(Root, "models");

    /// <summary>Most bytes of base models.</summary>
    /// <exception cref="RunException">User error: the variable is no size.</exception>
    public static long ModelBytes
    {
        get
        {
            string text = Of(EnvironmentKeys.ModelCacheSize) ?? DefaultModelBytes;
            try
            {
                return new ResourceQuantity(text).ToInt64();
            }
            catch (Exception cause) when (cause is FormatException or ArgumentException or OverflowException)
            {
                throw new RunException(ExitClass.UserError, $"{EnvironmentKeys.ModelCacheSize}: '{text}' is no size; write one such as {DefaultModelBytes}", cause);
            }
        }
    }

    /// <summary>Directories of runs whose own directory is in object storage.</summary>
    public static string Runs => Path.Combine(Root, "runs");

    private static string Root => Of(EnvironmentKeys.Cache) ?? Path.Combine(
        Of("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "ddpo");

    private static string? Of(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
