using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Memory;
using DiffusionDpo.Training.Tests.Runs;
using Xunit;

namespace DiffusionDpo.Training.Tests.Memory;

public sealed class MemoryPlannerTests
{
    private const long OfSd15 = 859_520_964;
    private const long OfSdxl = 2_567_463_684;

    [Theory]
    [InlineData("sd15", OfSd15)]
    [InlineData("sdxl", OfSdxl)]
    public void A_full_fine_tune_has_the_published_number_of_weights_in_every_buffer(string family, long parameters)
    {
        MemoryPlan plan = MemoryPlanner.Of(File(), Published(family));
        Assert.Equal((4 * parameters, 4 * parameters, 8 * parameters, 4 * parameters), (plan.MasterWeights, plan.Gradients, plan.OptimizerState, plan.Reference));
        Assert.Equal((0, 0, 0), (plan.NetworkWeights, plan.BaseUNet, plan.Average));
    }

    [Fact]
    public void Bf16_halves_the_networks_and_keeps_what_is_changed_in_float32()
    {
        RunFile file = With(File(), file => file with { Training = file.Training with { Precision = Precision.BFloat16, Ema = new() { Decay = 0.9 }, GlobalBatch = 8 } });
        MemoryPlan plan = MemoryPlanner.Of(file, Published("sd15"));
        const long Stretch = 16L << 20;
        Assert.Equal((4 * OfSd15, 2 * OfSd15, (6 * OfSd15) + Stretch), (plan.MasterWeights, plan.NetworkWeights, plan.Gradients));
        Assert.Equal((8 * OfSd15, 4 * OfSd15, 2 * OfSd15), (plan.OptimizerState, plan.Average, plan.Reference));
    }

    /// <summary>Adapters on the four projections of all attentions: of SD1.5 16 pairs, of rank 16 (peft counts 3,188,736 parameters).</summary>
    [Fact]
    public void Adapters_are_counted_as_peft_counts_them()
    {
        MemoryPlan plan = MemoryPlanner.Of(File() with { Adapter = new() { Type = AdapterType.Lora, Rank = 16, Alpha = 16 } }, Published("sd15"));
        Assert.Equal((4 * 3_188_736, 0, 4 * OfSd15), (plan.MasterWeights, plan.Reference, plan.BaseUNet));
    }

    [Fact]
    public void Adafactor_remembers_rows_and_columns()
    {
        MemoryPlan plan = MemoryPlanner.Of(File() with { Optimizer = File().Optimizer with { Type = OptimizerType.Adafactor } }, Published("sd15"));
        Assert.InRange(plan.OptimizerState, OfSd15, 4 * OfSd15); // filters of 3×3 keep two thirds
    }

    [Fact]
    public void Checkpointing_keeps_a_small_part_of_the_activations_and_pairs_count_twice_their_pixels()
    {
        RunFile blocks = With(File(), file => file with { Training = file.Training with { GradientCheckpointing = GradientCheckpointing.Blocks } });
        MemoryPlan plain = MemoryPlanner.Of(File(), Published("sd15")), less = MemoryPlanner.Of(blocks, Published("sd15"));
        Assert.InRange(less.Activations, 1, 0.1 * plain.Activations);
        Assert.InRange(less.Activations + less.Passes, 1, 0.4 * (plain.Activations + plain.Passes));
        Assert.Equal(3L * 2 * 512 * 512 * 3 * 4, plain.Pairs);
    }

    [Fact]
    public void Activations_grow_with_pairs_and_with_pixels()
    {
        RunFile two = With(File(), file => file with { Training = file.Training with { MicroBatch = 2 } }), small = With(File(), file => file with { Data = file.Data with { Resolution = 256 } });
        long one = MemoryPlanner.Of(File(), Published("sd15")).Activations;
        Assert.InRange(MemoryPlanner.Of(two, Published("sd15")).Activations / (double)one, 1.95, 2.0);
        Assert.InRange(MemoryPlanner.Of(small, Published("sd15")).Activations / (double)one, 0.25, 0.27);
    }

    private static RunFile With(RunFile file, Func<RunFile, RunFile> change) => change(file);

    private static RunFile File() => RunDirectory.FileOf("nowhere") is var file ? file with
    {
        Data = file.Data with { Resolution = 512 }, Training = file.Training with { GlobalBatch = 1 },
    } : throw new InvalidOperationException();

    private static ModelOutline Published(string family) => new()
    {
        UNet = UNetConfig.FromFile(Goldens.Path("inventory", $"{family}.unet.config.json")),
        Autoencoder = AutoencoderConfig.FromFile(Goldens.Path("inventory", $"{family}.vae.config.json")),
        TextEncoders = [.. Directory.GetFiles(Goldens.Path("inventory"), $"{family}.text_encoder*.config.json").Select(ClipTextConfig.FromFile)],
    };
}
