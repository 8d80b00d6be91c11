using System.Runtime.InteropServices;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Layers;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Memory.Simulation;
using DiffusionDpo.Training.Parameters;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Memory;

/// <summary>
/// What the simulation says autograd keeps, beside what the C library's heap has in use more after a forward pass than before. What checkpointing keeps is too
/// little here to be told from the heap's own room; `Benchmarks --case memory` looks at whole runs.
/// </summary>
[Collection(nameof(Alone))]
public sealed partial class SimulatedStepTests : TorchTest
{
    private const int Images = 4;
    private const int Side = 16;
    private const int Tokens = 77;
    private const int Passes = 9;

    private const string Sd = """
        {
          "block_out_channels": [64, 128], "layers_per_block": 2, "cross_attention_dim": 48, "attention_head_dim": 4, "norm_num_groups": 16,
          "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]
        }
        """;

    private const string Xl = """
        {
          "block_out_channels": [64, 128], "layers_per_block": 1, "cross_attention_dim": 48, "attention_head_dim": [2, 4], "norm_num_groups": 16,
          "transformer_layers_per_block": [1, 3], "use_linear_projection": true,
          "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"]
        }
        """;

    private static readonly Dictionary<string, string> s_networks = new() { ["sd"] = Sd, ["xl"] = Xl };

    public static TheoryData<string, bool, bool> Kinds
    {
        get
        {
            bool[] both = [false, true];
            TheoryData<string, bool, bool> all = [];
            foreach (string name in s_networks.Keys)
                foreach (bool adapts in both)
                    foreach (bool isHalf in both)
                        all.Add(name, adapts, isHalf);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_a_forward_pass_leaves_is_what_the_heap_has_in_use_more(string name, bool adapts, bool isHalf)
    {
        Assert.SkipUnless(HostAllocator.IsGlibc, "the C library is not glibc");
        AdapterOptions adapter = new AdapterOptions { Type = adapts ? AdapterType.Lora : AdapterType.None, Rank = 4 }.WithDefaults();
        UNetConfig network = UNetConfig.FromJson(s_networks[name], name);
        double real = Real(network, adapter, isHalf ? ScalarType.BFloat16 : ScalarType.Float32), simulated = Simulated(network, adapter, isHalf ? 2 : 4);
        Assert.InRange(simulated / real, 0.9, 1.1); // the plan's own limit; 0.93 to 1.0 was seen
    }

    private static long Simulated(UNetConfig config, AdapterOptions adapter, int format)
    {
        StepMemory memory = new(Images, format);
        SimulatedTensor sample = memory.Input(Side * Side, 4), text = memory.Input(Tokens, config.CrossAttentionDim[0]);
        long before = memory.Live;
        DirectTape tape = new(memory);
        SimulatedTensor prediction = memory.Recording(true, () => new SimulatedUNet(config, new(memory, TrainedParts.Of(adapter)), tape).Predict(Side, sample, text));
        long kept = memory.Live - before;
        tape.Backward(prediction);
        memory.Release(prediction.Block);
        Assert.Equal(before, memory.Live); // nothing is held for good
        return kept;
    }

    private static long Real(UNetConfig config, AdapterOptions adapter, ScalarType format)
    {
        using var network = new UNet2DConditionModel(config, META);
        SeededInitialization.Fill(network, new CounterRandom(1, 0, 0, DrawPurpose.Initialization).FillUniform);
        network.to(format);
        bool adapts = adapter.Type == AdapterType.Lora;
        if (adapts) foreach (var parameter in network.parameters()) parameter.requires_grad_(false);
        using LoraAdapters? adapters = adapts ? LoraAdapters.Attach(network, adapter, new CounterRandom(2, 0, 0, DrawPurpose.Initialization).FillUniform) : null;
        using FlatParameters? flat = adapters is null ? null : FlatParameters.Of(adapters.Slots(), format, sumsGradients: false);
        using Tensor sample = randn([Images, 4, Side, Side], format), time = tensor(new long[] { 1, 2, 3, 4 }), text = randn([Images, Tokens, config.CrossAttentionDim[0]], format);
        _ = Forward().to(ScalarType.Float32).item<float>(); // the first pass leaves what libtorch keeps for good
        long[] kept = [.. Enumerable.Range(0, Passes).Select(_ => Kept()).Order()];
        return kept[Passes / 2];

        // Other threads of the process ask for memory too, now and then.
        long Kept()
        {
            long before = InUse();
            using Tensor prediction = Forward();
            return InUse() - before;
        }

        Tensor Forward() => network.call(sample, time, new(text)).sum();
    }

    // Of struct mallinfo2 in malloc.h: bytes in blocks of their own, and bytes in use in the heaps.
    private static long InUse() => (long)(MallInfo()[4] + MallInfo()[7]);

    [LibraryImport("libc.so.6", EntryPoint = "mallinfo2")] private static partial Info MallInfo();

    [System.Runtime.CompilerServices.InlineArray(10)]
    private struct Info
    {
        public nuint First;
    }
}

/// <summary>For what looks at the memory of the whole process.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
