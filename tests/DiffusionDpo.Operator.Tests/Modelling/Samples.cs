using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Operator.Tests.Modelling;

/// <summary>A valid fine-tune that tests vary.</summary>
internal static class Samples
{
    public static DpoFineTune FineTune(Func<DpoFineTuneSpec, DpoFineTuneSpec>? change = null)
    {
        var spec = new DpoFineTuneSpec
        {
            Model = new ModelOptions { Source = "/models/sd15" },
            Data = new DataOptions { Sources = [new DataSource { Uri = "/data/train" }], Cache = DataCache.None },
            Output = new OutputOptions { Uri = "/runs/first" },
            Training = new TrainingOptions { Steps = 1000 },
            Workers = new WorkerOptions { Count = 2, GpusPerWorker = 4 },
        };
        return new DpoFineTune
        {
            Metadata = { Name = "first", NamespaceProperty = "team", Uid = "5a6e8b52-0000-4000-8000-000000000001", Generation = 1 },
            Spec = change?.Invoke(spec) ?? spec,
        };
    }
}
