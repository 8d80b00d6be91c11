using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Adapters;

/// <summary>Weights with the changes of adapters in them: W + (alpha / rank)·B·A (Hu et al. 2021, section 4.1), summed in float32.</summary>
public static class LoraMerge
{
    private const string Ending = ".weight";

    /// <summary>The tensors of a network with adapters merged, each made when it is written.</summary>
    /// <param name="weights">The network's weights under their published names; open until all is written.</param>
    /// <param name="adapters">Of this network; alive until all is written.</param>
    /// <param name="storeAs">How floating tensors are stored; null: as they are.</param>
    public static IReadOnlyList<TensorToWrite> Of(Weights weights, LoraAdapters adapters, ScalarType? storeAs)
    {
        HashSet<string> changed = [.. adapters.Modules.Select(module => module + Ending)];
        return [.. weights.Entries.Values.Select(entry => new TensorToWrite(entry.Name, TensorToWrite.TypeOf(entry.Type, storeAs), entry.Shape, () => Read(entry.Name)))];

        Tensor Read(string name) => changed.Contains(name) ? weights.GetTensor(name).@float().add(adapters.ChangeOf(name[..^Ending.Length])!) : weights.GetTensor(name);
    }
}
