using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Training.ReferenceErrors;
using DiffusionDpo.Training.Runs;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Runs;

/// <summary>Runs that keep the reference's errors, and runs that use those of others.</summary>
public sealed class ReferenceCacheTests : IDisposable
{
    private const int HeldOutVisits = 2 * 2;
    private const int Visits = RunDirectory.Steps * 2;

    private readonly RunDirectory directory = new();
    private int runs;

    public ReferenceCacheTests() => set_num_threads(1);

    [Theory]
    [InlineData("plain", 1)]
    [InlineData("plain", 2)]
    [InlineData("lora", 2)]
    [InlineData("bf16", 2)]
    [InlineData("sdxl", 1)]
    [InlineData("sd21", 2)]
    [InlineData("checkpointed", 1)]
    public void A_run_that_knows_all_errors_trains_as_without_to_the_bit_and_its_reference_is_never_asked(string variant, int microBatch)
    {
        RunFile plain = Prepared(variant, microBatch), kept = Kept(plain);
        Assert.Equal(plain.Fingerprint, kept.Fingerprint);
        double[] expected = Run(plain).Numbers;
        Run first = Run(kept), second = Run(kept);
        Assert.Equal(expected, first.Numbers);
        Assert.Equal(expected, second.Numbers);
        Assert.Equal((0, Visits + HeldOutVisits), (first.Found.Known, first.Found.Needed));
        Assert.Equal((HeldOutVisits, Visits + HeldOutVisits), (first.Used.Reused, first.Used.Computed)); // the second measurement knows what the first computed
        Assert.Equal((Visits + (2 * HeldOutVisits), 0), (second.Used.Reused, second.Used.Computed));
        Assert.Equal([0.0, 0.0], second.Drift); // of training and of measuring
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("lora")]
    public void Another_beta_learning_rate_and_loss_use_the_same_errors(string variant)
    {
        RunFile file = Prepared(variant, 2);
        Run(Kept(file));
        RunFile other = file with
        {
            Training = file.Training with { Objective = new() { Beta = 2000, Type = ObjectiveType.Ipo } }, Optimizer = file.Optimizer with { LearningRate = 3e-4 },
        };
        Run run = Run(Kept(other));
        Assert.Equal(0, run.Used.Computed);
        Assert.Equal(Run(other).Numbers, run.Numbers);
    }

    [Fact]
    public void What_is_not_known_is_computed_and_known_from_then_on()
    {
        RunFile few = Prepared("plain", 1), more = few with { Training = few.Training with { Steps = RunDirectory.Steps + 2 } };
        Run(Kept(few));
        Run run = Run(Kept(more)), again = Run(Kept(more));
        Assert.Equal(Visits + HeldOutVisits, run.Found.Known);
        Assert.Equal(2 * 2, run.Used.Computed);
        Assert.Equal(0, again.Used.Computed);
        Assert.Equal(Run(more).Numbers, run.Numbers);
        Assert.Equal(run.Numbers, again.Numbers);
    }

    [Fact]
    public void A_run_that_is_stopped_keeps_its_errors_and_goes_on_without_a_reference_where_all_are_known()
    {
        RunFile file = Prepared("plain", 1), kept = Kept(file);
        double[] expected = Run(file).Numbers;
        RunFile place = Elsewhere(kept);
        using CancellationTokenSource stop = new();
        Run stopped = new();
        void StopAtThree(TrainingEvent happened)
        {
            stopped.Take(happened);
            if (happened is StepCompleted { Report.Step: 3 }) stop.Cancel();
        }

        Assert.Equal(ExitClass.PreemptedSaved, Assert.Throws<RunException>(() => TrainingRun.Execute(place, new() { OnEvent = StopAtThree }, stop.Token)).ExitClass);
        Assert.Equal(3 * 2, Run(kept).Found.Known - HeldOutVisits);
        Run resumed = new();
        TrainingRun.Execute(place, new() { OnEvent = resumed.Take }, CancellationToken.None);
        Assert.Equal((2 + HeldOutVisits, 2 + HeldOutVisits), (resumed.Found.Known, resumed.Found.Needed));
        Assert.Equal(0, resumed.Used.Computed);
        Assert.Equal(expected, stopped.Numbers.Concat(resumed.Numbers));
    }

    public static TheoryData<string, Func<RunFile, RunFile>> Others => new()
    {
        { "seed", file => file with { Training = file.Training with { Seed = 4 } } },
        { "micro-batch", file => file with { Training = file.Training with { MicroBatch = 1 } } },
        { "dropped captions", file => file with { Data = file.Data with { EmptyPromptProportion = 0.5 } } },
        { "timesteps", file => file with { Training = file.Training with { Timesteps = new() { Min = 10 } } } },
        { "weights of errors", file => file with { Training = file.Training with { MinSnrGamma = 5 } } },
        { "network", RunDirectory.WithAdapters },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void What_would_compute_other_errors_uses_none_of_them(string what, Func<RunFile, RunFile> change)
    {
        RunFile file = Prepared("plain", 2), other = change(file);
        Run(Kept(file));
        Run run = Run(Kept(other));
        Assert.True(run.Used.Computed >= Visits, what);
        Assert.Equal(Run(other).Numbers, run.Numbers);
    }

    [Fact]
    public void A_damaged_object_is_named_and_its_errors_are_computed_again()
    {
        RunFile file = Kept(Prepared("plain", 1));
        double[] expected = Run(file).Numbers;
        string[] objects = Objects(file);
        Assert.Equal(3, objects.Length); // two of training, by checkpoint, and one of measuring
        byte[] bytes = File.ReadAllBytes(objects[1]);
        bytes[^40] ^= 1;
        File.WriteAllBytes(objects[1], bytes);
        Run run = Run(file), after = Run(file);
        Assert.Contains(objects[1], Assert.Single(run.Failures), StringComparison.Ordinal);
        Assert.Equal(expected, run.Numbers);
        Assert.Equal((0, 0), (after.Failures.Count, after.Used.Computed));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("lora")]
    public void Errors_that_drift_are_refused_before_the_first_step(string variant)
    {
        RunFile file = Kept(Prepared(variant, 1));
        Run(file);
        foreach (string path in Objects(file))
            File.WriteAllBytes(path, ErrorObject.Encode([.. ErrorObject.Decode(File.ReadAllBytes(path)).Select(error => error with { Winner = error.Winner + 1e-5f })]));
        Run run = new();
        RunException refusal = Assert.Throws<RunException>(() => TrainingRun.Execute(Elsewhere(file), new() { OnEvent = run.Take }, CancellationToken.None));
        Assert.Equal(ExitClass.DataError, refusal.ExitClass);
        Assert.Contains("reference-errors", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(run.Steps);
        Assert.InRange(Assert.Single(run.Drift), 0.02, 0.03); // 5000 / 2 times 1e-5
    }

    [Fact]
    public void A_run_does_not_end_because_errors_cannot_be_kept()
    {
        RunFile file = Prepared("plain", 1);
        double[] expected = Run(file).Numbers;
        File.WriteAllText(Path.Combine(file.Data.CacheUri!, "reference-errors"), "in the way");
        Run run = Run(Kept(file));
        Assert.Equal(expected, run.Numbers);
        Assert.NotEmpty(run.Failures);
    }

    public void Dispose() => directory.Dispose();

    private static RunFile Kept(RunFile file) => file with { Training = file.Training with { ReferenceCache = true } };

    private static string[] Objects(RunFile file) =>
        [.. Directory.GetFiles(Path.Combine(file.Data.CacheUri!, "reference-errors"), "*.bin", SearchOption.AllDirectories).OrderBy(Path.GetFileName, StringComparer.Ordinal)];

    private RunFile Prepared(string variant, int microBatch)
    {
        RunFile file = RunDirectory.Variants[variant](directory.File);
        file = file with
        {
            Data = file.Data with { Crop = CropMode.Center, Cache = DataCache.Latents }, Training = file.Training with { MicroBatch = microBatch },
        };
        PreparationRun.Execute(file, file.Model.Source, (0, 1), TimeProvider.System, static _ => { }, CancellationToken.None);
        return file;
    }

    /// <summary>The same run with checkpoints and results of its own.</summary>
    private RunFile Elsewhere(RunFile file)
    {
        string place = Path.Combine(directory.Root, $"run-{runs++}");
        return file with { Output = new() { Uri = place }, Checkpoints = file.Checkpoints with { Uri = Path.Combine(place, "checkpoints") } };
    }

    private Run Run(RunFile file)
    {
        Run run = new();
        TrainingRun.Execute(Elsewhere(file), new() { OnEvent = run.Take }, CancellationToken.None);
        return run;
    }
}

/// <summary>What a run has told.</summary>
internal sealed class Run
{
    private readonly List<TrainingEvent> events = [];

    public ReferenceErrorsFound Found => events.OfType<ReferenceErrorsFound>().Single();

    public ReferenceErrorsUsed Used => events.OfType<ReferenceErrorsUsed>().Single();

    public double[] Drift => [.. events.OfType<ReferenceDriftMeasured>().Select(each => each.Logit)];

    public IReadOnlyList<string> Failures => [.. events.OfType<ReferenceCacheFailed>().Select(each => each.Reason)];

    public IReadOnlyList<StepCompleted> Steps => [.. events.OfType<StepCompleted>()];

    public double[] Numbers =>
    [
        .. events.SelectMany(happened => happened switch
        {
            StepCompleted step => (double[])[step.Report.Loss, step.Report.GradientNorm, step.Report.ReferenceError],
            HeldOutMeasured held => [held.Result.Accuracy],
            _ => [],
        }),
    ];

    public void Take(TrainingEvent happened) => events.Add(happened);
}
