using System.Diagnostics.CodeAnalysis;
using DiffusionDpo.Models.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layers;

/// <summary>A 2-D convolution, to be loaded or seeded: it is created with zeros.</summary>
/// <remarks>
/// On a processor with AVX-512, oneDNN 3.7.1 of libtorch 2.10 was seen to give wrong numbers or NaN for 3×3 filters in the plain layout whose
/// channels do not fill blocks of 16 (a UNet's last convolution has 4). Its kernels for the channels-last layout were right, so such convolutions
/// take that way on the CPU; docs/design/0001-convolutions-on-cpu.md.
/// </remarks>
internal sealed class Convolution2D : nn.Module<Tensor, Tensor>
{
    private const int ChannelBlock = 16;

    // libtorch tries NNPACK first for single images, and complains on standard error at every call where the processor is not one it knows.
    static Convolution2D() => TorchNative.DisableNnpack();

    private readonly bool fillsBlocks;
    private readonly long[] stride;
    private readonly long[] padding;
    [ComponentName(Name = "weight")] private Parameter kernel;
    [ComponentName(Name = "bias")] private Parameter? offset;

    public Convolution2D(int inChannels, int outChannels, int size, int stride, int padding, Device? device, bool hasBias = true) : base(nameof(Convolution2D))
    {
        fillsBlocks = inChannels % ChannelBlock == 0 && outChannels % ChannelBlock == 0;
        Size = size;
        this.stride = [stride, stride];
        this.padding = [padding, padding];
        kernel = new Parameter(zeros(outChannels, inChannels, size, size, device: device));
        if (hasBias) offset = new Parameter(zeros(outChannels, device: device));
        RegisterComponents();
    }

    /// <summary>[out, in, size, size]. Setting it disposes the old one.</summary>
    public Parameter weight
    {
        get => kernel;
        set => Replace(ref kernel, value, nameof(weight));
    }

    /// <summary>[out]; null where there is none. Setting it disposes the old one.</summary>
    public Parameter? bias
    {
        get => offset;
        set => Replace(ref offset, value!, nameof(bias));
    }

    /// <summary>Height and width of the filters.</summary>
    public int Size { get; }

    /// <summary>Step between two places of the filters.</summary>
    public int Stride => (int)stride[0];

    /// <summary>Zeros around the input.</summary>
    public int Padding => (int)padding[0];

    /// <summary>[N, in, h, w] → [N, out, h', w'], contiguous.</summary>
    public override Tensor forward(Tensor input)
    {
        if (fillsBlocks || input.device_type != DeviceType.CPU) return Convolve(input, kernel);
        using DisposeScope scope = NewDisposeScope();
        Tensor channelsLast = kernel.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2); // the layout of the filters decides
        Tensor plain = input.flatten(1).view(input.shape); // forward nothing; backward it gives the input's gradient, which is channels-last too, the plain layout
        return Convolve(plain, channelsLast).contiguous().MoveToOuterDisposeScope();
    }

    private Tensor Convolve(Tensor input, Tensor filters) => nn.functional.conv2d(input, filters, offset, stride, padding);

    private void Replace([NotNull] ref Parameter? place, Parameter value, string name)
    {
        if (value.Handle == place?.Handle) return;
        place?.Dispose();
        place = (Parameter)value.DetachFromDisposeScope();
        ConditionallyRegisterParameter(name, place);
    }
}
