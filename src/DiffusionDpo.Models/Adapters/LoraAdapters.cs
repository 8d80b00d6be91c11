using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Adapters;

/// <summary>
/// The low-rank adapters of a network (Hu et al. 2021). The network itself is not changed: while they are enabled each adds to the output of its
/// layer; switched off, the network is what it was, to the bit.
/// </summary>
public sealed class LoraAdapters : IDisposable
{
    private readonly List<(string Module, LoraAdapter Adapter)> adapters = [];
    private readonly List<Action> detachments = [];

    private LoraAdapters()
    {
    }

    /// <summary>Whether the network computes with them.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Their changes are multiplied by alpha / rank; of the first, where a file of another tool has several.</summary>
    public double Alpha => adapters[0].Adapter.Alpha;

    /// <summary>Rank of their changes; of the first, where a file of another tool has several.</summary>
    public int Rank => adapters[0].Adapter.Rank;

    /// <summary>The layers that have one, by name in the network.</summary>
    public IReadOnlyList<string> Modules => [.. adapters.Select(each => each.Module)];

    /// <summary>Gives a network adapters that change nothing yet.</summary>
    /// <param name="network">The network; the layers it computes with now, whose parameters may be replaced but not the layers.</param>
    /// <param name="options">Resolved: alpha is given.</param>
    /// <param name="uniform">Fills a span with independent draws from [0, 1), for the initial values in the order of the modules.</param>
    /// <exception cref="RunException">Configuration error: a target fits no layer, or fits layers that cannot have an adapter.</exception>
    public static LoraAdapters Attach(nn.Module network, AdapterOptions options, Action<Span<float>> uniform)
    {
        LoraAdapters all = Attach(network, options);
        foreach ((_, LoraAdapter adapter) in all.adapters) adapter.Initialize(uniform);
        all.Follow(network.parameters().First().device);
        return all;
    }

    /// <summary>Gives a network adapters with arbitrary values, to be filled, on the CPU.</summary>
    internal static LoraAdapters Attach(nn.Module network, AdapterOptions options)
    {
        RefuseUnknownTargets(network, options);
        return Attach(network, module => options.Targets.Any(target => Fits(module, target)) ? (options.Rank!.Value, options.Alpha!.Value) : null);
    }

    /// <summary>Refuses targets that no layer has which can have an adapter.</summary>
    /// <param name="network">The network; it may stand on the meta device.</param>
    /// <param name="options">What is to be adapted.</param>
    /// <exception cref="RunException">Configuration error: there are such targets; the known ones are named.</exception>
    public static void RefuseUnknownTargets(nn.Module network, AdapterOptions options)
    {
        string[] layers = [.. network.named_modules().Where(each => LoraAdapter.Has(each.module)).Select(each => each.name)];
        string[] unknown = [.. options.Targets.Where(target => !layers.Any(layer => Fits(layer, target)))];
        if (unknown.Length == 0) return;
        throw new RunException(
            ExitClass.ConfigurationError,
            $"adapter.targets: no layer's name ends in {string.Join(" or ", unknown)}; known are {string.Join(", ", KnownTargets(network))}");
    }

    /// <summary>The places of their parameters, named as in peft: <c>MODULE.lora_A.weight</c> and <c>MODULE.lora_B.weight</c>.</summary>
    public IReadOnlyList<ParameterSlot> Slots() => [.. adapters.SelectMany(each => ParameterSlot.Of(each.Adapter, each.Module + "."))];

    /// <summary>A and B of every module; not copies.</summary>
    internal IEnumerable<LoraTensors> Weights() => adapters.Select(each => new LoraTensors(each.Module, each.Adapter.Alpha, each.Adapter.Down, each.Adapter.Up));

    /// <summary>What a layer's weight changes by, in its shape and float32; null where it has no adapter.</summary>
    /// <param name="module">The layer's name.</param>
    public Tensor? ChangeOf(string module) => adapters.Where(each => each.Module == module).Select(each => each.Adapter.Change()).FirstOrDefault();

    /// <inheritdoc/>
    public void Dispose()
    {
        detachments.ForEach(detach => detach());
        adapters.ForEach(each => each.Adapter.Dispose());
    }

    /// <summary>Gives the layers for which there is a rank and an alpha adapters with arbitrary values, to be filled.</summary>
    internal static LoraAdapters Attach(nn.Module network, Func<string, (int Rank, double Alpha)?> chosen)
    {
        LoraAdapters all = new();
        foreach ((string name, nn.Module layer) in network.named_modules().OrderBy(each => each.name, StringComparer.Ordinal))
        {
            if (chosen(name) is not var (rank, alpha) || LoraAdapter.For(layer, rank, alpha) is not { } adapter) continue;
            all.adapters.Add((name, adapter));
            var hook = ((nn.Module<Tensor, Tensor>)layer).register_forward_hook((_, input, output) => all.IsEnabled ? adapter.AddTo(output, input) : output);
            all.detachments.Add(hook.remove);
        }

        return all;
    }

    /// <summary>The ends of names that layers with a possible adapter have, without numbers of blocks.</summary>
    /// <param name="network">The network.</param>
    internal static IReadOnlyList<string> KnownTargets(nn.Module network) =>
    [
        .. network.named_modules().Where(each => LoraAdapter.Has(each.module)).Select(each => Ending(each.name))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    // drawn on the CPU, so that every device begins with the same numbers
    internal void Follow(Device device) => adapters.ForEach(each => each.Adapter.to(device));

    // to_out.0 and net.2 need a second part to mean anything
    private static string Ending(string name)
    {
        string[] parts = name.Split('.');
        int from = parts.Length - 1;
        while (from > 0 && (int.TryParse(parts[from], out _) || parts[from] == "proj" || parts[from] == "0")) from--;
        return string.Join('.', parts[from..]);
    }

    /// <summary>Whether a layer is meant by an end of its name.</summary>
    internal static bool Fits(string module, string target) => module == target || module.EndsWith("." + target, StringComparison.Ordinal);
}
