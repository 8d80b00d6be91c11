using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;

namespace DiffusionDpo.Api.Tests.Plans;

public sealed class RunPlanTests
{
    [Fact]
    public void The_stages_stand_in_the_order_in_which_they_run() =>
        Assert.Equal([Stage.Prepare, Stage.Train, Stage.Export], RunPlan.For(Samples.FineTune()).Stages.Select(f => f.Stage));

    [Theory]
    [InlineData(null, null, DataCache.Latents)]
    [InlineData(CropMode.Random, null, DataCache.None)]
    [InlineData(null, DataCache.None, DataCache.None)]
    [InlineData(CropMode.Center, DataCache.Latents, DataCache.Latents)]
    public void Pairs_are_prepared_where_nobody_says_otherwise_but_for_random_crops(CropMode? crop, DataCache? cache, DataCache resolved)
    {
        var stages = RunPlan.For(Samples.FineTune(spec => spec with { Data = spec.Data with { Crop = crop, Cache = cache } })).Stages;
        Assert.All(stages, file => Assert.Equal(resolved, file.Data.Cache));
        Assert.Equal(resolved == DataCache.Latents, stages.Any(file => file.Stage == Stage.Prepare));
    }

    [Fact]
    public void Run_files_of_one_plan_differ_in_nothing_but_the_stage()
    {
        var files = RunPlan.For(Samples.FineTune()).Stages;
        Assert.All(files, f => Assert.Equal(files[0] with { Stage = f.Stage }, f));
        Assert.Single(files.Select(f => f.Fingerprint).Distinct());
    }

    [Fact]
    public void A_run_file_carries_name_and_run_of_its_fine_tune()
    {
        var file = Samples.RunFile(s => s with { RunId = "second" });
        Assert.Equal(("first", "second"), (file.Name, file.RunId));
    }

    [Fact]
    public void The_trainer_is_told_its_run_file() =>
        Assert.Equal(["train", "--run-file", "/runs/first/run.json"], RunPlan.Arguments("/runs/first/run.json"));

    [Fact]
    public void Labels_are_in_the_group_of_the_kind() =>
        Assert.All([LabelKeys.FineTune, LabelKeys.RunId, LabelKeys.Stage, LabelKeys.Attempt], key => Assert.StartsWith("diffusiondpo.io/", key));
}
