using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Models.Layouts;

/// <summary>A place in a network by both its names, to which the layers that stand there are added.</summary>
/// <param name="into">Collects the tensors of the network.</param>
/// <param name="diffusers">Name in the diffusers layout.</param>
/// <param name="single">Name in the single-file layout.</param>
internal readonly struct Place(List<LayoutTensor> into, string diffusers = "", string single = "")
{
    /// <summary>A place inside this one.</summary>
    /// <param name="inDiffusers">Its name here in the diffusers layout.</param>
    /// <param name="inSingle">Its name here in the single-file layout.</param>
    public Place At(string inDiffusers, string inSingle) => new(into, Below(diffusers, inDiffusers), Below(single, inSingle));

    /// <summary>A place of one name in both.</summary>
    /// <param name="name">The name.</param>
    public Place At(string name) => At(name, name);

    /// <summary>A square convolution with bias.</summary>
    public void Convolution(long from, long to, long kernel) => WeightAndBias(to, [to, from, kernel, kernel]);

    /// <summary>A linear layer with bias.</summary>
    public void Linear(long from, long to) => WeightAndBias(to, [to, from]);

    /// <summary>A linear layer without bias, or an embedding.</summary>
    public void Matrix(long from, long to) => At("weight").Tensor(TensorForm.Same, to, from);

    /// <summary>A linear layer with bias that is a 1×1 convolution in the single file.</summary>
    public void Pointwise(long from, long to)
    {
        At("weight").Tensor(TensorForm.Pointwise, to, from);
        At("bias").Tensor(TensorForm.Same, to);
    }

    /// <summary>A norm with scale and shift.</summary>
    public void Norm(long channels) => WeightAndBias(channels, [channels]);

    /// <summary>A tensor that stands here itself.</summary>
    public void Tensor(TensorForm form, params long[] shape) => into.Add(new(single, form, new ParameterShape(diffusers, shape)));

    /// <summary>Tensors of one shape that are one in the single file.</summary>
    public void Stack(IEnumerable<string> inDiffusers, string inSingle, params long[] shape)
    {
        string at = diffusers;
        into.Add(new(Below(single, inSingle), TensorForm.Stacked, [.. inDiffusers.Select(name => new ParameterShape(Below(at, name), shape))]));
    }

    private void WeightAndBias(long channels, long[] weight)
    {
        At("weight").Tensor(TensorForm.Same, weight);
        At("bias").Tensor(TensorForm.Same, channels);
    }

    private static string Below(string at, string name) => at.Length == 0 ? name : name.Length == 0 ? at : $"{at}.{name}";
}
