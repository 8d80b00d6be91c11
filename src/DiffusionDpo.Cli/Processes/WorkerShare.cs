using System.Globalization;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;

namespace DiffusionDpo.Cli.Processes;

/// <summary>Which of several workers this process is, as whoever started it says.</summary>
internal static class WorkerShare
{
    /// <summary>From the environment; the only one where that says nothing.</summary>
    /// <exception cref="RunException">Configuration error: there is no such worker.</exception>
    public static (int Worker, int Workers) OfThisProcess() => Of(Number(EnvironmentKeys.WorkerIndex) ?? 0, Number(EnvironmentKeys.Workers) ?? 1);

    /// <summary>A worker of several.</summary>
    /// <param name="worker">From 0.</param>
    /// <param name="workers">How many.</param>
    /// <exception cref="RunException">Configuration error: there is no such worker.</exception>
    public static (int Worker, int Workers) Of(int worker, int workers) => workers >= 1 && worker >= 0 && worker < workers
        ? (worker, workers)
        : throw new RunException(ExitClass.ConfigurationError, $"there is no worker {worker} of {workers}; workers are numbered from 0, give --worker 0 to {Math.Max(0, workers - 1)}");

    private static int? Number(string key) =>
        int.TryParse(Environment.GetEnvironmentVariable(key), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
