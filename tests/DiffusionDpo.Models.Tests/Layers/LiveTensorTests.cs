using DiffusionDpo.Models.Layers;
using DiffusionDpo.Models.UNets;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Layers;

/// <summary>Runs alone: the number of live tensors is the process's.</summary>
[CollectionDefinition(nameof(LiveTensorTests), DisableParallelization = true)]
[Collection(nameof(LiveTensorTests))]
public sealed class LiveTensorTests
{
    [Fact]
    public void A_step_leaves_no_tensors_behind()
    {
        using var network = new UNet2DConditionModel(UNetConfig.FromJson(SmallUNet, "small"), META);
        SeededInitialization.Fill(network, values => values.Fill(0.6f));
        Step(network);
        long before = Tensor.TotalCount;
        for (int i = 0; i < 3; i++) Step(network);
        Assert.InRange(Tensor.TotalCount, 0, before); // fewer where a finaliser of another test runs late
    }

    private const string SmallUNet = """
        { "block_out_channels": [32, 64], "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "norm_num_groups": 8,
          "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"], "layers_per_block": 1, "cross_attention_dim": 32 }
        """;

    private static void Step(UNet2DConditionModel network)
    {
        using DisposeScope scope = NewDisposeScope();
        network.call(ones(2, 4, 9, 6), tensor(new long[] { 3, 700 }), new(ones(2, 7, 32))).square().mean().backward();
        network.zero_grad();
    }
}
