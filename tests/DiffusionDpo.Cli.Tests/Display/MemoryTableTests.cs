using DiffusionDpo.Api.Options;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Training.Memory;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Display;

public sealed class MemoryTableTests
{
    private const long Mebi = 1 << 20;
    private const int Width = 47;

    [Theory]
    [InlineData(GradientCheckpointing.None, "none")]
    [InlineData(GradientCheckpointing.Blocks, "blocks")]
    public void A_plan_says_whether_activations_are_kept_before_it_says_what_they_take(GradientCheckpointing checkpointing, string said)
    {
        string[] lines = [.. MemoryTable.Lines(Plan(checkpointing), 1L << 30)];
        Assert.Equal("about 800 MiB of 1.0 GiB (estimated)", lines[0]);
        int at = Array.FindIndex(lines, line => line.StartsWith("gradient checkpointing ", StringComparison.Ordinal));
        Assert.EndsWith($" {said}", lines[at], StringComparison.Ordinal);
        Assert.StartsWith("activations kept ", lines[at + 1], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, Width));
    }

    private static MemoryPlan Plan(GradientCheckpointing checkpointing) => new()
    {
        Checkpointing = checkpointing, Program = 200 * Mebi, FrozenParts = 0, BaseUNet = 0, MasterWeights = 100 * Mebi, NetworkWeights = 0, Gradients = 100 * Mebi,
        OptimizerState = 200 * Mebi, Average = 0, Reference = 0, Pairs = 0, Activations = 80 * Mebi, Passes = 100 * Mebi, Encoding = 20 * Mebi, Update = 0, Loading = 0, ReusesMemory = false,
    };
}
