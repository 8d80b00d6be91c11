using DiffusionDpo.Api.Failures;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Loading;

/// <summary>Puts weights into a module: all of them or none, and every difference in names, shapes and kinds is reported at once.</summary>
public static class StrictLoader
{
    /// <summary>
    /// Replaces every parameter of a module by the tensor of its name. The module may stand on the meta device: parameters are replaced,
    /// not filled. References to the old parameters, in optimizers or flat buffers, must be taken after this call.
    /// </summary>
    /// <param name="module">The module; parameters only, no persistent buffers.</param>
    /// <param name="weights">The file or files; may be disposed afterwards.</param>
    /// <param name="mode">Fresh memory for training, or views of the mapped file.</param>
    /// <param name="type">The element type of the parameters; stored ones of another floating type are converted.</param>
    /// <exception cref="RunException">Data error: names, shapes or kinds differ; the module is unchanged.</exception>
    public static void Load(nn.Module module, Weights weights, LoadMode mode = LoadMode.Copy, ScalarType type = ScalarType.Float32)
    {
        IReadOnlyList<ParameterSlot> slots = ParameterSlot.Of(module);
        if (module.state_dict().Count != slots.Count) throw new InvalidOperationException($"{module.GetName()} has persistent buffers");
        IReadOnlyDictionary<string, string> storedNames = WeightsMatch.Of([.. slots.Select(slot => new ParameterShape(slot.Name, slot.Current.shape))], weights, module.GetName());
        using DisposeScope scope = NewDisposeScope();
        foreach (ParameterSlot slot in slots)
        {
            Parameter old = slot.Current;
            Tensor stored = weights.GetTensor(storedNames[slot.Name]).view(old.shape);
            bool isCopy = mode == LoadMode.Copy;
            slot.Replace(new Parameter(stored.to(type, copy: isCopy), requires_grad: isCopy && old.requires_grad));
        }
    }
}
