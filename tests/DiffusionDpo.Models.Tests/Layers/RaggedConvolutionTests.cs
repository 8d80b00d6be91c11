using DiffusionDpo.Models.Layers;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Layers;

/// <summary>Runs alone: the number of threads is the process's.</summary>
[CollectionDefinition(nameof(RaggedConvolutionTests), DisableParallelization = true)]
[Collection(nameof(RaggedConvolutionTests))]
public sealed class RaggedConvolutionTests : IDisposable
{
    private const int Height = 7;
    private const int Width = 5;

    private static readonly string[] Names = ["output", "gradient of the input", "gradient of the weight", "gradient of the bias"];

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly int threadsBefore = get_num_threads();

    public static TheoryData<int, int[]> Cases { get; } = new()
    {
        { 1, [1, 3, 4, 8, 12, 16, 20, 32, 40, 48] },
        { 2, [4, 20, 48] }, // two threads wait for each other on a busy machine
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Output_and_gradients_are_right_whatever_freed_memory_held(int threads, int[] channels)
    {
        set_num_threads(threads);
        List<string> wrong = [];
        foreach (int inChannels in channels)
        foreach (int outChannels in channels)
        foreach (int size in new[] { 1, 3 })
        foreach (int stride in new[] { 1, 2 })
        foreach (int batch in new[] { 1, 3 })
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor weight = randn(outChannels, inChannels, size, size), bias = randn(outChannels);
            Tensor input = rand(batch, inChannels, Height, Width); // none is negative, nor is a gradient: no sum cancels out
            Tensor[] exact = Exact(input, weight, bias, stride, out Tensor gradient);
            Tensor[] actual = Actual(input, weight, bias, stride, gradient);
            for (int i = 0; i < Names.Length; i++)
            {
                double error = Goldens.RelativeL2(actual[i], exact[i]);
                if (error > 2e-6) wrong.Add($"{inChannels} to {outChannels} channels, {size}x{size}, stride {stride}, batch {batch}: {Names[i]} {error:E1}");
            }
        }

        Assert.Empty(wrong);
    }

    /// <summary>
    /// The attack works: whoever reads memory before writing it can meet NaN. Which free block glibc hands out depends on all that
    /// are free, so that a single round may miss; the next round fills others.
    /// </summary>
    [Fact]
    public void Freed_memory_is_handed_out_again_as_it_was()
    {
        const int rounds = 100;
        long[] counts = [100, 300, 1000, 3000];
        Assert.Contains(Enumerable.Range(0, rounds), _ =>
        {
            RecycledMemory.FillWithNaN();
            return counts.Any(count => empty(count).isnan().any().item<bool>());
        });
    }

    public void Dispose()
    {
        set_num_threads(threadsBefore);
        scope.Dispose();
    }

    private static Tensor[] Exact(Tensor input, Tensor weight, Tensor bias, int stride, out Tensor gradient)
    {
        Tensor[] leaves = [.. new[] { input, weight, bias }.Select(each => each.@double().requires_grad_())];
        long padding = weight.size(2) / 2;
        Tensor output = nn.functional.conv2d(leaves[0], leaves[1], leaves[2], [stride, stride], [padding, padding]);
        gradient = rand(output.shape);
        output.backward([gradient.@double()]);
        return [output.detach(), .. leaves.Select(leaf => leaf.grad!)];
    }

    private static Tensor[] Actual(Tensor input, Tensor weight, Tensor bias, int stride, Tensor gradient)
    {
        int size = (int)weight.size(2);
        using var convolution = new Convolution2D((int)weight.size(1), (int)weight.size(0), size, stride, size / 2, device: null);
        convolution.load_state_dict(new() { ["weight"] = weight, ["bias"] = bias });
        Tensor leaf = input.clone().requires_grad_();
        RecycledMemory.FillWithNaN();
        Tensor output = convolution.call(leaf);
        RecycledMemory.FillWithNaN();
        output.backward([gradient]);
        Assert.True(output.is_contiguous());
        return [output.detach(), leaf.grad!, convolution.weight.grad!.clone(), convolution.bias!.grad!.clone()];
    }
}
