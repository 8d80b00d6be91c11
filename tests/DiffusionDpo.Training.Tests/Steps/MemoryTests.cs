using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Steps;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Steps;

/// <summary>Tensors and memory are counted for the whole process: nothing else may run.</summary>
[CollectionDefinition(DisableParallelization = true)]
[Collection(typeof(MemoryTests))]
public sealed class MemoryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Neither_tensors_nor_memory_grow_over_200_steps(bool checkpointed)
    {
        using var run = new TinyRun(new SigmoidObjective(5000));
        using var recomputed = new RecomputedActivations(run.Policy);
        TrainingStep trained = checkpointed ? RecomputedActivationsTests.With(run.Step, recomputed) : run.Step;
        long tensors = 0, memory = 0;
        for (int step = 0; step < 200; step++)
        {
            int first = step;
            trained.Run(() => run.Batch(first, 1), CancellationToken.None);
            if (step == 5)
            {
                GC.Collect(); // what earlier tests left behind must not go away in between
                GC.WaitForPendingFinalizers();
                tensors = Tensor.TotalCount;
            }

            if (step == 50) memory = Environment.WorkingSet;
            if (step > 5) Assert.Equal(tensors, Tensor.TotalCount);
        }

        Assert.InRange(Environment.WorkingSet - memory, long.MinValue, 32L << 20);
    }
}
