using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Adapters;

/// <summary>Weights with the changes of adapters in them: W + (alpha / rank)·B·A (Hu et al. 2021, section 4.1), summed in float32.</summary>
public sealed class LoraMerge : IDisposable
{
    private readonly LoraDocument document;
    private readonly double strength;
    private readonly Dictionary<string, LoraLayer> byParameter;

    private double squaredChange, squaredLoss;

    private LoraMerge(LoraDocument document, ModelDirectory model, double strength)
    {
        this.document = document;
        this.strength = strength;
        byParameter = document.On(AdaptableLayers.Of(model)).ToDictionary(each => AdaptableLayers.WeightOf(each.Key), each => each.Value);
        document.RefuseUnlessOf(model);
    }

    /// <summary>Share (L2) of what the adapters change that rounding to the stored format has lost, in all that was written so far.</summary>
    public double Loss => squaredChange > 0 ? Math.Sqrt(squaredLoss / squaredChange) : 0;

    /// <summary>The adapters of a file, to be merged into a model's UNet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The model.</param>
    /// <param name="strength">Their changes are multiplied by it.</param>
    /// <exception cref="RunException">Configuration error: they belong to another base model. Data error: they do not fit it.</exception>
    public static LoraMerge Open(string path, ModelDirectory model, double strength)
    {
        LoraDocument document = LoraDocument.Open(path);
        try
        {
            return new(document, model, strength);
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    /// <summary>The tensors of a network with adapters merged, each made when it is written.</summary>
    /// <param name="weights">The network's weights under their published names; open until all is written.</param>
    /// <param name="adapters">Of this network; alive until all is written.</param>
    /// <param name="storeAs">How floating tensors are stored; null: as they are.</param>
    public static IReadOnlyList<TensorToWrite> Of(Weights weights, LoraAdapters adapters, ScalarType? storeAs)
    {
        HashSet<string> changed = [.. adapters.Modules.Select(AdaptableLayers.WeightOf)];
        return [.. weights.Entries.Values.Select(entry => new TensorToWrite(entry.Name, TensorToWrite.TypeOf(entry.Type, storeAs), entry.Shape, () => Read(entry.Name)))];

        Tensor Read(string name) =>
            changed.Contains(name) ? weights.GetTensor(name).@float().add(adapters.ChangeOf(name[..^AdaptableLayers.WeightOf("").Length])!) : weights.GetTensor(name);
    }

    /// <inheritdoc/>
    public void Dispose() => document.Dispose();

    /// <summary>A parameter of the UNet with its change; itself where it has none.</summary>
    /// <param name="name">The parameter's name in the network.</param>
    /// <param name="stored">What is stored.</param>
    /// <param name="storeAs">How the sum will be stored.</param>
    internal Tensor Changed(string name, Tensor stored, ScalarType storeAs)
    {
        if (!byParameter.TryGetValue(name, out LoraLayer? layer)) return stored;
        using DisposeScope scope = NewDisposeScope();
        Tensor change = LoraAdapter.Product(document.Get(layer.Up), document.Get(layer.Down), strength * layer.Alpha / layer.Rank);
        Tensor before = stored.@float(), after = before.add(change);
        squaredChange += change.square().sum(ScalarType.Float64).item<double>();
        squaredLoss += after.sub(after.to(storeAs).@float()).square().sum(ScalarType.Float64).item<double>();
        return after.MoveToOuterDisposeScope();
    }
}
