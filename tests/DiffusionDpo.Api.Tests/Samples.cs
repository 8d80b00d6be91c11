using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;

namespace DiffusionDpo.Api.Tests;

/// <summary>Small valid values that tests vary.</summary>
internal static class Samples
{
    public static DpoFineTune FineTune(Func<DpoFineTuneSpec, DpoFineTuneSpec>? change = null)
    {
        var spec = new DpoFineTuneSpec
        {
            Model = new ModelOptions { Source = "/models/sd15" },
            Data = new DataOptions { Sources = [new DataSource { Uri = "/data/train" }] },
            Output = new OutputOptions { Uri = "/runs/first" },
        };
        return new DpoFineTune { Metadata = { Name = "first" }, Spec = change?.Invoke(spec) ?? spec };
    }

    public static RunFile RunFile(Func<DpoFineTuneSpec, DpoFineTuneSpec>? change = null) => RunPlan.For(FineTune(change)).Stages[0];
}
