using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;

namespace DiffusionDpo.Operator.Objects;

/// <summary>What a stage takes of spec.workers: training all of it, preparation every pod with one process each, export one pod and no GPU, since it only rewrites weights.</summary>
internal static class StageWorkers
{
    /// <summary>Pods of the stage.</summary>
    public static int Count(WorkerOptions workers, Stage stage) => stage is Stage.Export ? 1 : workers.Count;

    /// <summary>GPUs of each pod.</summary>
    public static int Gpus(WorkerOptions workers, Stage stage) => stage switch
    {
        Stage.Train => workers.GpusPerWorker,
        Stage.Prepare => Math.Min(1, workers.GpusPerWorker), // what is prepared is bound to the kind of device
        _ => 0,
    };
}
