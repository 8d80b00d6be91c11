using System.Runtime.InteropServices;
using DiffusionDpo.Models.Layers;
using DiffusionDpo.Models.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Adapters;

/// <summary>
/// A low-rank change of one linear layer or convolution (Hu et al. 2021, eq. 3): ΔW·x = (alpha / rank)·B·A·x, added to what the layer gives.
/// Parameters carry peft's names.
/// </summary>
internal sealed class LoraAdapter : nn.Module<Tensor, Tensor>
{
    private readonly Scalar scale;
    [ComponentName(Name = "lora_A")] private readonly nn.Module<Tensor, Tensor> down;
    [ComponentName(Name = "lora_B")] private readonly nn.Module<Tensor, Tensor> up;

    private LoraAdapter(nn.Module<Tensor, Tensor> down, nn.Module<Tensor, Tensor> up, int rank, double alpha) : base(nameof(LoraAdapter))
    {
        this.down = down;
        this.up = up;
        Rank = rank;
        Alpha = alpha;
        scale = alpha / rank;
        RegisterComponents();
    }

    /// <summary>Rank of the change.</summary>
    public int Rank { get; }

    /// <summary>The change is multiplied by alpha / rank.</summary>
    public double Alpha { get; }

    /// <summary>A: [rank, in], of a convolution [rank, in, size, size].</summary>
    public Parameter Down => Weight(down);

    /// <summary>B: [out, rank], of a convolution [out, rank, 1, 1].</summary>
    public Parameter Up => Weight(up);

    /// <summary>Whether a layer is of a kind that can have an adapter.</summary>
    /// <param name="layer">The layer.</param>
    public static bool Has(nn.Module layer) => layer is Linear or Convolution2D;

    /// <summary>An adapter for a layer; null where the layer is of a kind that has none.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="rank">Rank of the change.</param>
    /// <param name="alpha">The change is multiplied by alpha / rank.</param>
    public static LoraAdapter? For(nn.Module layer, int rank, double alpha) => layer switch
    {
        Linear linear => new(
            nn.Linear(linear.in_features, rank, hasBias: false), nn.Linear(rank, linear.out_features, hasBias: false), rank, alpha),
        Convolution2D convolution => new(
            new Convolution2D(
                (int)convolution.weight.shape[1], rank, convolution.Size, convolution.Stride, convolution.Padding, device: null, hasBias: false),
            new Convolution2D(rank, (int)convolution.weight.shape[0], size: 1, stride: 1, padding: 0, device: null, hasBias: false),
            rank, alpha),
        _ => null,
    };

    /// <summary>A uniform in ±1/√(inputs), as in peft; B zero, so that the change begins at nothing.</summary>
    /// <param name="uniform">Fills a span with independent draws from [0, 1).</param>
    public void Initialize(Action<Span<float>> uniform)
    {
        using IDisposable noGradient = no_grad();
        double bound = 1 / Math.Sqrt(Down.numel() / (double)Down.shape[0]);
        Span<float> values = MemoryMarshal.Cast<byte, float>(TorchNative.Bytes(Down));
        uniform(values);
        foreach (ref float value in values) value = (float)(bound * ((2.0 * value) - 1));
        Up.zero_();
    }

    /// <summary>ΔW, in the shape of the layer's weight, computed in float32.</summary>
    public Tensor Change() => Product(Up, Down, Alpha / Rank);

    /// <summary>scale·B·A, in the shape of the layer's weight, computed in float32.</summary>
    /// <param name="up">B.</param>
    /// <param name="down">A.</param>
    /// <param name="scale">alpha / rank.</param>
    public static Tensor Product(Tensor up, Tensor down, double scale)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Scalar factor = scale;
        Tensor product = up.@float().flatten(1).mm(down.@float().flatten(1)).mul_(factor);
        return product.view([up.shape[0], .. down.shape[1..]]).MoveToOuterDisposeScope();
    }

    /// <summary>What is added for an input, scaled; in the layout of the layer's output.</summary>
    public override Tensor forward(Tensor input)
    {
        using Tensor narrow = down.call(input);
        return up.call(narrow);
    }

    /// <summary>The layer's output with the change.</summary>
    /// <param name="input">The layer's input.</param>
    /// <param name="output">What the layer has just made of it; changed in place.</param>
    public Tensor AddTo(Tensor output, Tensor input)
    {
        using Tensor change = call(input);
        return output.add_(change, scale);
    }

    private static Parameter Weight(nn.Module<Tensor, Tensor> layer) => layer is Linear linear ? (Parameter)linear.weight : ((Convolution2D)layer).weight;
}
