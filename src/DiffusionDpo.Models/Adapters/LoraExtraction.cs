using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Adapters;

/// <summary>
/// Low-rank adapters that come nearest to what a full fine-tune has changed: of each layer's difference the largest singular values with their vectors
/// (Eckart and Young 1936), computed in float32.
/// </summary>
public sealed class LoraExtraction
{
    private readonly List<ExtractedLayer> layers = [];
    private double uncovered; // sum of squares

    private LoraExtraction()
    {
    }

    /// <summary>The layers that differ.</summary>
    public IReadOnlyList<ExtractedLayer> Layers => layers;

    /// <summary>Share of the whole change, in the Frobenius norm, that the adapters leave: their own loss, and norms and biases, which have no adapters.</summary>
    public double Loss
    {
        get
        {
            double lost = layers.Sum(each => each.Lost * each.Lost) + uncovered, all = layers.Sum(each => each.Change * each.Change) + uncovered;
            return Math.Sqrt(lost / all);
        }
    }

    /// <summary>Frobenius norm of the change of norms and biases.</summary>
    public double Uncovered => Math.Sqrt(uncovered);

    /// <summary>Finds the adapters of a UNet and writes them.</summary>
    /// <param name="target">The file.</param>
    /// <param name="models">The model that it was before, whose hash is written, and the one that it has become.</param>
    /// <param name="rank">Largest rank of an adapter.</param>
    /// <param name="naming">Names of the tensors.</param>
    /// <param name="settings">How they are stored; null: in float32.</param>
    /// <exception cref="RunException">Data error: the UNets have different parameters. User error: they do not differ. Storage error: the disk.</exception>
    public static LoraExtraction Write(string target, (ModelDirectory Before, ModelDirectory After) models, int rank, LoraNaming naming, ConversionSettings settings)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using Weights before = models.Before.OpenWeights(ModelConfigs.UNet), after = models.After.OpenWeights(ModelConfigs.UNet);
        string config = models.Before.FilePath(ModelConfigs.UNet, ModelConfigs.FileName);
        IReadOnlyList<LayoutTensor> unet = UNetLayout.Of(UNetOutline.Read(Configuration.ModelConfigJson.ReadText(config), config));
        HashSet<string> adaptable = [.. AdaptableLayers.Of(unet).All.Select(layer => AdaptableLayers.WeightOf(layer.Name))];
        LoraExtraction extraction = new();
        List<LoraTensors> found = [];
        foreach (TensorToWrite difference in settings.Meter.Watch(Differences([.. unet.SelectMany(tensor => tensor.Parts)], before, after)))
        {
            if (!adaptable.Contains(difference.Name)) extraction.Pass(difference.Read());
            else if (extraction.Split(difference, rank) is { } adapter) found.Add(adapter);
        }

        if (found.Count == 0)
            throw new RunException(ExitClass.UserError, $"no layer of {models.After.Path} differs from {models.Before.Path}; name a model that was trained from it");
        LoraFile.Write(target, found, naming, WeightsHash.Of(before), settings with { Meter = new() });
        return extraction;
    }

    private static IEnumerable<TensorToWrite> Differences(IReadOnlyList<ParameterShape> parameters, Weights before, Weights after)
    {
        IReadOnlyDictionary<string, string> old = WeightsMatch.Of(parameters, before, ModelConfigs.UNet), tuned = WeightsMatch.Of(parameters, after, ModelConfigs.UNet);
        return parameters.OrderBy(part => part.Name, StringComparer.Ordinal).Select(part => new TensorToWrite(
            part.Name, ScalarType.Float32, part.Shape, () => after.GetTensor(tuned[part.Name]).@float().sub(before.GetTensor(old[part.Name]).@float())));
    }

    private void Pass(Tensor difference)
    {
        using Tensor norm = difference.norm();
        difference.Dispose();
        uncovered += Math.Pow(norm.item<float>(), 2);
    }

    private LoraTensors? Split(TensorToWrite difference, int rank)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor change = difference.Read().flatten(1); // [out, in]
        if (change.count_nonzero().item<long>() == 0) return null;
        if (!change.isfinite().all().item<bool>()) throw new RunException(ExitClass.DataError, $"{difference.Name} of one of the models is not finite; restore it");
        (Tensor left, Tensor values, Tensor right) = linalg.svd(change, fullMatrices: false);
        int kept = (int)Math.Min(rank, values.numel());
        Tensor roots = values[..kept].sqrt(); // on both sides alike, so that neither A nor B is small against its precision
        Tensor up = left[.., ..kept].mul(roots), down = right[..kept].mul(roots.unsqueeze(1));
        double[] squares = [.. values.data<float>().Select(value => (double)value * value)];
        string module = difference.Name[..^AdaptableLayers.WeightOf("").Length];
        layers.Add(new(module, kept, Math.Sqrt(squares.Sum()), Math.Sqrt(squares[kept..].Sum())));
        long[] points = [.. difference.Shape.Skip(2).Select(_ => 1L)];
        return new(
            module, kept, down.reshape([kept, .. difference.Shape.Skip(1)]).MoveToOuterDisposeScope(), up.reshape([difference.Shape[0], kept, .. points]).MoveToOuterDisposeScope());
    }
}
