using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;

namespace DiffusionDpo.Operator.Objects;

/// <summary>What a stage takes of spec.workers: training all of it, export one pod and no GPU, since it only rewrites weights.</summary>
internal static class StageWorkers
{
    /// <summary>Pods of the stage.</summary>
    public static int Count(WorkerOptions workers, Stage stage) => stage is Stage.Train ? workers.Count : 1;

    /// <summary>GPUs of each pod.</summary>
    public static int Gpus(WorkerOptions workers, Stage stage) => stage is Stage.Train ? workers.GpusPerWorker : 0;
}
