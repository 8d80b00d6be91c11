using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;

namespace DiffusionDpo.Models.Layouts;

/// <summary>Finds, for every parameter of a model, the tensor of a single file that it is in.</summary>
internal static class SingleFileMatch
{
    private static readonly string[] Leftovers = ["model_ema.", "denoiser.", "edm_vpred."];

    /// <summary>The networks with the form in which each tensor is really there.</summary>
    /// <param name="weights">The file.</param>
    /// <param name="layout">What a model of this architecture has.</param>
    /// <param name="model">What a message calls that model.</param>
    /// <exception cref="RunException">Data error: whole networks are missing, or tensors differ; the message says which.</exception>
    public static IReadOnlyList<NetworkLayout> Of(Weights weights, ModelLayout layout, string model)
    {
        string[] lacking = [.. layout.Networks.Where(network => !weights.Entries.Keys.Any(name => Is(name, network))).Select(network => network.Title)];
        if (lacking.Length > 0)
            throw new RunException(
                ExitClass.DataError, $"{weights.Path} is no whole {model}: it has no {string.Join(" and no ", lacking)}; take a file that holds all networks");
        NetworkLayout[] found = [.. layout.Networks.Select(network => network with { Tensors = [.. network.Tensors.Select(tensor => AsStored(tensor, network, weights))] })];
        string[] differences = [.. Differences(weights, found)];
        if (differences.Length == 0) return found;
        throw new RunException(
            ExitClass.DataError, $"{weights.Path} does not fit {model}: {string.Join("; ", differences)}; check that the file is whole, and of this architecture");
    }

    /// <summary>Whether a name is one of a network's.</summary>
    public static bool Is(string name, NetworkLayout network) => name.StartsWith(network.Prefix, StringComparison.Ordinal);

    /// <summary>
    /// What training leaves in published files beside the networks: averages, the noise schedule and other single values at the top, and the
    /// numbers from 0 up that CLIP once kept.
    /// </summary>
    public static bool IsIgnorable(string name) =>
        !name.Contains('.', StringComparison.Ordinal)
        || Leftovers.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))
        || PublishedNames.IsIgnorable(name);

    private static IEnumerable<string> Differences(Weights weights, NetworkLayout[] networks)
    {
        Dictionary<string, LayoutTensor> expected = networks
            .SelectMany(network => network.Tensors.Select(tensor => (Name: network.Prefix + tensor.Name, tensor))).ToDictionary(each => each.Name, each => each.tensor);
        (SafetensorsEntry Entry, LayoutTensor Tensor)[] pairs =
            [.. expected.Where(each => weights.Entries.ContainsKey(each.Key)).Select(each => (weights.Entries[each.Key], each.Value))];
        return
        [
            .. WeightsMatch.Difference("missing", expected.Keys.Where(name => !weights.Entries.ContainsKey(name))),
            .. WeightsMatch.Difference("unexpected", weights.Entries.Keys.Where(name => !expected.ContainsKey(name) && !IsIgnorable(name) && !IsUnused(name, networks))),
            .. WeightsMatch.Difference("of another shape", pairs.Where(pair => !pair.Entry.Shape.SequenceEqual(pair.Tensor.Shape)).Select(pair =>
                $"{pair.Entry.Name} is {WeightsMatch.Shape(pair.Entry.Shape)} in the file, {WeightsMatch.Shape(pair.Tensor.Shape)} in the model")),
            .. WeightsMatch.Difference("of another kind", pairs.Where(pair => !StorageTypes.IsFloating(pair.Entry.Type)).Select(pair =>
                $"{pair.Entry.Name} is {pair.Entry.Type} in the file, floating in the model")),
        ];
    }

    private static bool IsUnused(string name, NetworkLayout[] networks) =>
        networks.Any(network => Is(name, network) && network.IsUnused(name[network.Prefix.Length..]));

    private static LayoutTensor AsStored(LayoutTensor tensor, NetworkLayout network, Weights weights) =>
        tensor.Alternative is { } other && !weights.Entries.ContainsKey(network.Prefix + tensor.Name) && weights.Entries.ContainsKey(network.Prefix + other.Name)
            ? other
            : tensor;
}
