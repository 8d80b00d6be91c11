namespace DiffusionDpo.Api.Plans;

/// <summary>Environment variables through which whoever starts a trainer process speaks to it.</summary>
public static class EnvironmentKeys
{
    /// <summary>The file that gets the process's last words. Unset: none is written.</summary>
    public const string TerminationLog = "DDPO_TERMINATION_LOG";

    /// <summary>How many pods the attempt has. Unset: one.</summary>
    public const string Workers = "DDPO_WORKERS";

    /// <summary>Which of them this is, from 0.</summary>
    public const string WorkerIndex = "DDPO_WORKER_INDEX";

    /// <summary>How many processes each pod has. Unset: one.</summary>
    public const string ProcessesPerWorker = "DDPO_PROCESSES_PER_WORKER";

    /// <summary>Host name of worker 0, where the ranks meet.</summary>
    public const string Rendezvous = "DDPO_RENDEZVOUS";

    /// <summary>Address of the pod, on which it answers /status and /metrics.</summary>
    public const string PodAddress = "DDPO_POD_ADDRESS";

    /// <summary>Number of the attempt.</summary>
    public const string Attempt = "DDPO_ATTEMPT";

    /// <summary>Directory in which base models from object storage are kept between runs. Unset: <c>models</c> in <see cref="Cache"/>.</summary>
    public const string ModelCache = "DDPO_MODEL_CACHE";

    /// <summary>Most bytes of the models that are kept there, as a quantity such as 200Gi. Unset: 100Gi.</summary>
    public const string ModelCacheSize = "DDPO_MODEL_CACHE_SIZE";

    /// <summary>Directory for copies of what is in object storage. Unset: <c>ddpo</c> in the user's cache directory.</summary>
    public const string Cache = "DDPO_CACHE";
}
