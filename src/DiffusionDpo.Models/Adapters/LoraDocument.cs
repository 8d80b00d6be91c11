using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Adapters;

/// <summary>A file of low-rank adapters for a UNet, of this program or another tool, opened; whose network they belong to is not asked yet.</summary>
public sealed class LoraDocument : IDisposable
{
    // adapters of text encoders, in kohya's names and in diffusers'
    private static readonly string[] TextEncoderMarks = ["lora_te", "text_encoder"];

    // what the names of a UNet's layers begin with, in diffusers' names
    private static readonly string[] UNetParts = ["conv_in", "time_embedding", "add_embedding", "down_blocks", "mid_block", "up_blocks", "conv_out"];

    private readonly SafetensorsFile file;

    private LoraDocument(SafetensorsFile file)
    {
        this.file = file;
        Naming = LoraNaming.All.MaxBy(naming => file.Entries.Keys.Count(name => naming.StemOfDown(name) is not null && !IsOfTextEncoder(name)))!;
        Layers = [.. Read()];
        HashSet<string> known = [.. Layers.SelectMany(layer => new[] { layer.Down.Name, layer.Up.Name, Naming.Alpha(layer.Stem) ?? "" })];
        Others = [.. file.Entries.Keys.Where(name => !known.Contains(name))];
    }

    /// <summary>The file.</summary>
    public string Path => file.Path;

    /// <summary>How it names its tensors.</summary>
    public LoraNaming Naming { get; }

    /// <summary>The layers with an adapter.</summary>
    public IReadOnlyList<LoraLayer> Layers { get; }

    /// <summary>Names of tensors that are no part of an adapter of a UNet.</summary>
    public IReadOnlyList<string> Others { get; }

    /// <summary>The hash of the UNet that they were trained on; null in files of other tools.</summary>
    public string? BaseHash => file.Metadata.GetValueOrDefault(LoraFile.BaseKey);

    /// <summary>Opens a file.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <exception cref="RunException">Input missing. Data error: it is unsound.</exception>
    public static LoraDocument Open(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        try
        {
            return new(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether tensors of these names are low-rank adapters, of whatever network.</summary>
    /// <param name="names">The names in a file.</param>
    public static bool IsOne(IEnumerable<string> names) => names.Any(name => LoraNaming.All.Any(naming => naming.StemOfDown(name) is not null));

    /// <summary>Whether a tensor belongs to an adapter of a text encoder.</summary>
    /// <param name="name">Its name.</param>
    public static bool IsOfTextEncoder(string name) => TextEncoderMarks.Any(mark => name.StartsWith(mark, StringComparison.Ordinal));

    /// <summary>Refuses adapters that say of which UNet they are, if a model has another. Reads that UNet.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="RunException">Configuration error: they belong to another base model.</exception>
    public void RefuseUnlessOf(ModelDirectory model)
    {
        if (BaseHash is null) return;
        using Weights weights = model.OpenWeights(ModelConfigs.UNet);
        RefuseUnlessOf(WeightsHash.Of(weights));
    }

    /// <summary>Writes the same adapters under other names.</summary>
    /// <param name="target">The new file.</param>
    /// <param name="naming">The names.</param>
    /// <param name="like">
    /// A model directory of the same architecture. Null: kohya's flat names, which only a network can give their dots back, are those of the published family
    /// that they fit; other names are taken as they are.
    /// </param>
    /// <param name="settings">How they are stored.</param>
    /// <exception cref="RunException">
    /// Data error: it holds no adapters of a UNet alone, or they do not fit. User error: they fit no published family. Storage error: the disk.
    /// </exception>
    public void Write(string target, LoraNaming naming, ModelDirectory? like, ConversionSettings settings)
    {
        using DisposeScope scope = NewDisposeScope();
        LoraTensors[] layers =
        [
            .. Named(like).OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => new LoraTensors(each.Key, each.Value.Alpha, Get(each.Value.Down), Get(each.Value.Up))),
        ];
        LoraFile.Write(target, layers, naming, BaseHash, settings);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    internal void RefuseUnlessOf(string hash)
    {
        if (BaseHash is not { } trained || trained == hash) return;
        throw new RunException(
            ExitClass.ConfigurationError,
            $"{Path} belongs to a base model with the hash {Excerpt.Plain(trained)}; this one has {hash}: give the model that it was trained on");
    }

    /// <summary>The layers by their names in a network.</summary>
    /// <param name="network">The network's layers.</param>
    /// <exception cref="RunException">Data error: it holds no adapters, or others than of this network.</exception>
    internal IReadOnlyDictionary<string, LoraLayer> On(AdaptableLayers network)
    {
        RefuseOthers();
        string[] strange = [.. Layers.Where(layer => network.Find(layer.Stem, Naming) is null).Select(layer => layer.Down.Name)];
        if (strange.Length > 0)
            throw Wrong($"{strange.Length} adapters for layers that this UNet has not, such as {Examples(strange)}; adapters of a UNet of the same family are needed");
        foreach (LoraLayer layer in Layers)
        {
            IReadOnlyList<long> shape = network.Find(layer.Stem, Naming)!.Shape;
            if (shape.SequenceEqual(layer.WeightShape)) continue;
            throw Wrong($"{Excerpt.Plain(layer.Down.Name)} for a weight of {WeightsMatch.Shape(layer.WeightShape)}, and this UNet's is {WeightsMatch.Shape(shape)}; adapters of a UNet of the same size are needed");
        }

        ILookup<string, LoraLayer> found = Layers.ToLookup(layer => network.Find(layer.Stem, Naming)!.Name);
        if (found.FirstOrDefault(each => each.Count() > 1) is { } twice) throw Wrong($"two adapters for {twice.Key}; one is supported");
        return found.ToDictionary(each => each.Key, each => each.Single());
    }

    /// <summary>Refuses a file that holds something else than adapters of a UNet.</summary>
    /// <exception cref="RunException">Data error.</exception>
    internal void RefuseOthers()
    {
        string[] encoders = [.. Others.Where(IsOfTextEncoder)];
        if (encoders.Length > 0)
            throw Wrong($"{encoders.Length} tensors of adapters for text encoders, such as {Examples(encoders)}; only adapters of the UNet are supported");
        if (Layers.Count == 0) throw Wrong($"no low-rank adapters of a UNet, but {Others.Count} tensors such as {Examples(Others)}; give a file of diffusers, peft or kohya's scripts");
        if (Others.Count > 0) throw Wrong($"{Others.Count} tensors that are no adapters of a UNet, such as {Examples(Others)}; only the plain kind (A, B and alpha) is supported");
    }

    /// <summary>A tensor of the file.</summary>
    internal Tensor Get(SafetensorsEntry entry) => file.GetTensor(entry.Name);

    private IReadOnlyDictionary<string, LoraLayer> Named(ModelDirectory? like)
    {
        RefuseOthers();
        if (like is not null) return On(AdaptableLayers.Of(like));
        if (!Naming.IsFlat) return Layers.ToDictionary(layer => layer.Stem);
        AdaptableLayers? network = PublishedFamily.All.Select(family => AdaptableLayers.Of(family.Layout.Networks[0].Tensors)).FirstOrDefault(Fits);
        return network is not null ? On(network) : throw new RunException(
            ExitClass.UserError,
            $"{Path}: its layers have other names or sizes than those of {string.Join(", ", PublishedFamily.All.Select(each => each.Name))}; give --like MODEL, a model directory of the same architecture");
    }

    private bool Fits(AdaptableLayers network) => Layers.All(layer => network.Find(layer.Stem, Naming)?.Shape.SequenceEqual(layer.WeightShape) == true);

    private IEnumerable<LoraLayer> Read()
    {
        Func<string, int, double?> alphas = AdapterMetadata.Alphas(file, Naming);
        foreach (string stem in file.Entries.Keys.Where(name => !IsOfTextEncoder(name)).Select(Naming.StemOfDown).OfType<string>().Where(MayBeOfUNet).Order(StringComparer.Ordinal))
        {
            SafetensorsEntry down = file.Entries[Naming.Down(stem)];
            if (!file.Entries.TryGetValue(Naming.Up(stem), out SafetensorsEntry? up) || down.Shape.Count == 0) continue;
            int rank = (int)Math.Min(down.Shape[0], int.MaxValue);
            LoraLayer layer = new(stem, down, up, Stored(Naming.Alpha(stem)) ?? alphas(stem, rank) ?? rank);
            if (!layer.IsSound) throw Wrong($"{Excerpt.Plain(down.Name)} of {WeightsMatch.Shape(down.Shape)} beside {WeightsMatch.Shape(up.Shape)} with alpha {layer.Alpha}, which is no adapter; fetch or export it again");
            yield return layer;
        }
    }

    // Flat names are looked for in a network, and kohya's are of several kinds.
    private bool MayBeOfUNet(string stem) => Naming.IsFlat || UNetParts.Contains(stem.Split('.')[0]);

    private double? Stored(string? name)
    {
        if (name is null || !file.Entries.TryGetValue(name, out SafetensorsEntry? entry)) return null;
        if (entry.Shape.Any(size => size != 1)) return double.NaN;
        using DisposeScope scope = NewDisposeScope();
        return file.GetTensor(name).to(ScalarType.Float64).item<double>();
    }

    private static string Examples(IEnumerable<string> names) => string.Join(", ", names.Take(3).Select(Excerpt.Plain));

    private RunException Wrong(string what) => new(ExitClass.DataError, $"{Path} holds {what}");
}
