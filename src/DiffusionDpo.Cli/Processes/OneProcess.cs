using System.Globalization;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;

namespace DiffusionDpo.Cli.Processes;

/// <summary>
/// This release trains with one process. Several would each train the whole run and overwrite each other's checkpoints: they are refused
/// before they do.
/// </summary>
internal static class OneProcess
{
    /// <summary>Refuses an attempt with more than one process.</summary>
    /// <exception cref="RunException">Configuration error.</exception>
    public static void Require()
    {
        int workers = Count(EnvironmentKeys.Workers), each = Count(EnvironmentKeys.ProcessesPerWorker);
        if (workers * each <= 1) return;
        throw new RunException(
            ExitClass.ConfigurationError,
            $"{workers} workers with {each} processes each, but this release trains with one process; set spec.workers.count: 1 and gpusPerWorker: 0 or 1");
    }

    private static int Count(string key) =>
        int.TryParse(Environment.GetEnvironmentVariable(key), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 1;
}
