using DiffusionDpo.Shared;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Steps;
using Xunit;

namespace DiffusionDpo.Training.Tests.Steps;

public sealed class RecycledMemoryTests
{
    [Fact]
    public void Losses_and_gradients_stay_finite_whatever_freed_memory_held()
    {
        using var run = new TinyRun(new SigmoidObjective(5000));
        for (int step = 0; step < 150; step++)
        {
            int first = step;
            StepReport report = run.Step.Run(
                () =>
                {
                    RecycledMemory.FillWithNaN();
                    return run.Batch(first, 1);
                },
                CancellationToken.None);
            Assert.True(double.IsFinite(report.Loss) && double.IsFinite(report.GradientNorm), $"step {step}: {report}");
        }
    }
}
