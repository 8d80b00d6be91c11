using DiffusionDpo.Api.Options;
using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Optimizers;

/// <summary>What holds of every optimizer that can be asked for.</summary>
public sealed class OptimizerListTests : TorchTest
{
    public static TheoryData<OptimizerType> Types => [.. Enum.GetValues<OptimizerType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Its_state_and_number_of_updates_are_all_that_it_remembers(OptimizerType type)
    {
        using Trained straight = new(type), resumed = new(type);
        straight.Train(0, 4);
        resumed.Train(0, 2);
        using Trained fresh = new(type);
        fresh.Take(resumed);
        fresh.Train(2, 4);
        AssertEqual(straight, fresh);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_scale_is_that_of_the_gradient(OptimizerType type)
    {
        using Trained plain = new(type), scaled = new(type);
        plain.Train(0, 3);
        scaled.Train(0, 3, by: 4, scale: 0.25); // powers of 2 are exact
        AssertEqual(plain, scaled);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void No_step_leaves_tensors_behind(OptimizerType type)
    {
        using var outer = NewDisposeScope();
        using Trained run = new(type);
        run.Train(0, 1);
        int before = outer.DisposablesCount;
        run.Train(1, 4);
        Assert.Equal(before, outer.DisposablesCount);
    }

    private static void AssertEqual(Trained expected, Trained actual) =>
        Assert.All(expected.Flat.Named(expected.Flat.Values).Zip(actual.Flat.Named(actual.Flat.Values)), each =>
            Assert.True(each.First.Tensor.equal(each.Second.Tensor).all().item<bool>(), each.First.Name));

    private sealed class Trained : IDisposable
    {
        private readonly nn.Module module;
        private readonly IOptimizer optimizer;

        public Trained(OptimizerType type)
        {
            module = nn.Linear(6, 5);
            Flat = FlatParameters.Of(module);
            Flat.Values.copy_(arange(Flat.Values.numel()).sin());
            optimizer = OptimizerList.For(TinyRun.Rates with { Type = type }, Flat);
        }

        public FlatParameters Flat { get; }

        public void Train(int from, int to, double by = 1, double scale = 1)
        {
            using DisposeScope scope = NewDisposeScope();
            for (int step = from; step < to; step++)
            {
                Flat.Gradients.copy_((arange(Flat.Values.numel()) + step).cos() * by);
                optimizer.Step(0.01, scale);
            }
        }

        public void Take(Trained other)
        {
            Flat.Values.copy_(other.Flat.Values);
            foreach ((var target, var source) in optimizer.State().Zip(other.optimizer.State())) target.Tensor.copy_(source.Tensor);
            optimizer.Steps = other.optimizer.Steps;
        }

        public void Dispose()
        {
            optimizer.Dispose();
            Flat.Dispose();
            module.Dispose();
        }
    }
}
