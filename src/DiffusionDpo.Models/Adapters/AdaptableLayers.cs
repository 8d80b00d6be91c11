using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Models.Adapters;

/// <summary>
/// The layers of a UNet that can have an adapter, and what files call them: their names in the network and, in kohya's files, these or (for SDXL) those of
/// the single-file layout, dots being underscores.
/// </summary>
internal sealed class AdaptableLayers
{
    private const string Ending = ".weight";

    private readonly Dictionary<string, ParameterShape> byName = [];
    private readonly Dictionary<string, ParameterShape> byFlatName = [];

    private AdaptableLayers(IReadOnlyList<LayoutTensor> unet)
    {
        foreach (LayoutTensor tensor in unet.Where(each => each.Parts[0] is { Shape.Count: >= 2 } part && part.Name.EndsWith(Ending, StringComparison.Ordinal)))
        {
            ParameterShape layer = new(tensor.Parts[0].Name[..^Ending.Length], tensor.Parts[0].Shape);
            byName.Add(layer.Name, layer);
            byFlatName[LoraNaming.Kohya.StemOf(layer.Name)] = layer;
            byFlatName[LoraNaming.Kohya.StemOf(tensor.Name[..^Ending.Length])] = layer;
        }
    }

    /// <summary>All: name of the layer and shape of its weight.</summary>
    public IReadOnlyCollection<ParameterShape> All => byName.Values;

    /// <summary>Those of a UNet.</summary>
    /// <param name="unet">Its parameters in both layouts.</param>
    public static AdaptableLayers Of(IReadOnlyList<LayoutTensor> unet) => new(unet);

    /// <summary>Those of the UNet of a model directory.</summary>
    public static AdaptableLayers Of(ModelDirectory model)
    {
        string config = model.FilePath(ModelConfigs.UNet, ModelConfigs.FileName);
        return new(UNetLayout.Of(UNetOutline.Read(Configuration.ModelConfigJson.ReadText(config), config)));
    }

    /// <summary>The parameter's name of a layer's weight.</summary>
    public static string WeightOf(string module) => module + Ending;

    /// <summary>The layer that a file means; null if there is none.</summary>
    /// <param name="stem">What the file calls it.</param>
    /// <param name="naming">The file's naming.</param>
    public ParameterShape? Find(string stem, LoraNaming naming) => (naming.IsFlat ? byFlatName : byName).GetValueOrDefault(stem);
}
