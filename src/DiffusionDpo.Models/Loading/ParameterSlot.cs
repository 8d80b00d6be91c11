using System.Reflection;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Loading;

/// <summary>
/// A place in a module where a parameter stands, and by which another can be put there: over a mapped file, over a flat buffer, or in
/// place of one on the meta device. The module that owns it offers a public settable property of the parameter's name, as TorchSharp's do.
/// </summary>
public sealed class ParameterSlot
{
    private readonly nn.Module owner;
    private readonly PropertyInfo property;

    private ParameterSlot(string name, nn.Module owner, string localName)
    {
        Name = name;
        this.owner = owner;
        property = owner.GetType().GetProperty(localName, typeof(Parameter)) is { CanWrite: true } found
            ? found
            : throw new InvalidOperationException($"{owner.GetType()} has no settable property for its parameter {localName}");
    }

    /// <summary>The key in the state dictionary, such as <c>mid_block.attentions.0.proj_in.weight</c>.</summary>
    public string Name { get; }

    /// <summary>The parameter that stands there now.</summary>
    public Parameter Current => (Parameter)property.GetValue(owner)!;

    /// <summary>Puts another parameter there; the module owns it from now on, and the old one is disposed.</summary>
    /// <param name="value">The new parameter.</param>
    public void Replace(Parameter value) => property.SetValue(owner, value);

    /// <summary>All places of a module and the modules inside it, in the order of its state dictionary.</summary>
    /// <param name="module">The module.</param>
    /// <param name="prefix">Put before every name.</param>
    public static IReadOnlyList<ParameterSlot> Of(nn.Module module, string prefix = "") => [.. Within(module, prefix)];

    private static IEnumerable<ParameterSlot> Within(nn.Module module, string prefix)
    {
        foreach ((string name, _) in module.named_parameters(false)) yield return new(prefix + name, module, name);
        foreach ((string name, nn.Module child) in module.named_children())
            foreach (ParameterSlot slot in Within(child, $"{prefix}{name}."))
                yield return slot;
    }
}
