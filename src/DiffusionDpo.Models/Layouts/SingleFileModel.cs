using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;

namespace DiffusionDpo.Models.Layouts;

/// <summary>
/// A whole model in one safetensors file, with the names that the first programs for Stable Diffusion gave its parameters and that most other
/// tools read. It holds tensors alone: architecture and schedule are those of the published family that names and shapes are of, or of a model
/// directory; the tokenizer comes from elsewhere.
/// </summary>
public sealed class SingleFileModel : IDisposable
{
    private readonly Weights weights;
    private readonly ModelLayout layout;
    private readonly IReadOnlyList<NetworkLayout> networks;

    private SingleFileModel(Weights weights, ModelLayout layout, string model)
    {
        this.weights = weights;
        this.layout = layout;
        networks = SingleFileMatch.Of(weights, layout, model);
    }

    /// <summary>The published family; null where the architecture is a model directory's.</summary>
    public PublishedFamily? Family { get; private init; }

    /// <summary>Opens a file of a published family.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RunException">Input missing. Data error: it is unsound, no whole model, or mixes families. User error: it has another size.</exception>
    public static SingleFileModel Open(string path) => Open(path, weights =>
    {
        PublishedFamily family = FamilyDetection.Of(weights);
        return new(weights, family.Layout, $"{family.Title} model") { Family = family };
    });

    /// <summary>Opens a file whose architecture is that of a model directory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="like">The model directory; its weights are not looked at.</param>
    /// <exception cref="RunException">Input missing. Data error: it is unsound, or not of that architecture. Configuration error: the directory's.</exception>
    public static SingleFileModel Open(string path, ModelDirectory like) =>
        Open(path, weights => new(weights, ModelLayout.Of(ModelConfigs.Of(like)), $"model like {like.Path}"));

    /// <summary>What a file is, in a few words; null if it is not of this layout.</summary>
    /// <param name="weights">The file.</param>
    public static string? Describe(Weights weights)
    {
        if (!FamilyDetection.IsSingleFile(weights)) return null;
        try
        {
            PublishedFamily family = FamilyDetection.Of(weights);
            return $"{family.Title} ({family.Name}): {string.Join(", ", SingleFileMatch.Of(weights, family.Layout, family.Name).Select(each => each.Component))}";
        }
        catch (RunException e)
        {
            return $"of no published family: {e.Message}";
        }
    }

    /// <summary>Writes a model directory of the published family.</summary>
    /// <param name="target">The new directory.</param>
    /// <param name="tokenizer">A tokenizer's directory, or a model directory that has one; its vocabulary is taken for all of the family's tokenizers.</param>
    /// <param name="settings">How it is stored.</param>
    /// <exception cref="RunException">
    /// Input missing or configuration error: the tokenizer. User error: a precision that destroys it. Configuration error: the target exists.
    /// Storage error: the disk. Data error: a value does not fit the precision.
    /// </exception>
    public void WriteDirectory(string target, string tokenizer, ConversionSettings settings)
    {
        PublishedFamily family = Family ?? throw new InvalidOperationException("the architecture is a model directory's; write like that");
        PublishedFiles files = PublishedFiles.Of(family, tokenizer);
        IReadOnlyDictionary<string, IReadOnlyList<TensorToWrite>> tensors = Components(settings);
        DurableDirectory.Write(target, into =>
        {
            files.Write(into);
            foreach ((string component, IReadOnlyList<TensorToWrite> each) in tensors)
                WeightsWriter.Write(Path.Combine(into, component), WeightsPath.StemOf(component), each, new());
        });
    }

    /// <summary>Writes a model directory that is another with the weights of this file.</summary>
    /// <param name="target">The new directory.</param>
    /// <param name="like">The directory that the file was opened with.</param>
    /// <param name="settings">How it is stored.</param>
    /// <exception cref="RunException">User error: a precision that destroys it, or it was trained on another schedule. Configuration error: the target exists. Storage error: the disk.
    /// Data error: a value does not fit the precision.</exception>
    public void WriteDirectory(string target, ModelDirectory like, ConversionSettings settings)
    {
        PredictionMarks.RefuseUnlessLike(weights, like);
        like.WriteWith(target, Components(settings), new());
    }

    /// <summary>Writes it as a single file again, in another precision and without what training left in it.</summary>
    /// <param name="target">The new file.</param>
    /// <param name="settings">How it is stored.</param>
    /// <exception cref="RunException">User error: a precision that destroys it. Storage error: the disk. Data error: a value does not fit the precision.</exception>
    public void WriteFile(string target, ConversionSettings settings)
    {
        RefuseOverflow(settings);
        TensorToWrite[] tensors = [.. networks.SelectMany(network => network.Tensors.Select(tensor => Stored(network, tensor, settings))), .. PredictionMarks.In(weights)];
        SafetensorsWriter.WriteFile(target, settings.Meter.Watch(tensors), new WeightsFormat().Metadata);
    }

    /// <inheritdoc/>
    public void Dispose() => weights.Dispose();

    private IReadOnlyDictionary<string, IReadOnlyList<TensorToWrite>> Components(ConversionSettings settings)
    {
        RefuseOverflow(settings);
        return networks.ToDictionary(network => network.Component, network => settings.Meter.Watch(network.Tensors.SelectMany(tensor => Parts(network, tensor, settings))));
    }

    private IEnumerable<TensorToWrite> Parts(NetworkLayout network, LayoutTensor tensor, ConversionSettings settings)
    {
        string name = network.Prefix + tensor.Name;
        return tensor.Parts.Select((part, index) => new TensorToWrite(
            part.Name, settings.TypeOf(network.Component, weights.Entries[name].Type), part.Shape, () => tensor.Part(weights.GetTensor(name), index)));
    }

    private TensorToWrite Stored(NetworkLayout network, LayoutTensor tensor, ConversionSettings settings)
    {
        string name = network.Prefix + tensor.Name;
        return new(name, settings.TypeOf(network.Component, weights.Entries[name].Type), tensor.Shape, () => weights.GetTensor(name));
    }

    private void RefuseOverflow(ConversionSettings settings)
    {
        NetworkLayout autoencoder = networks.Single(network => network.Component == ModelConfigs.Autoencoder);
        settings.RefuseOverflow(layout, weights.Path, autoencoder.Tensors.Select(tensor => weights.Entries[autoencoder.Prefix + tensor.Name].Type));
    }

    private static SingleFileModel Open(string path, Func<Weights, SingleFileModel> make)
    {
        Weights weights = Weights.Open(path);
        try
        {
            return make(weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }
}
