using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layouts;

/// <summary>A model in diffusers layout, written in another form. Everything is checked before anything is written.</summary>
public sealed class DirectoryConversion : IDisposable
{
    private readonly ModelDirectory model;
    private readonly ModelLayout layout;
    private readonly LoraMerge? merged;
    private readonly Dictionary<string, Weights> weights = [];
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> storedNames = [];

    private DirectoryConversion(ModelDirectory model, LoraMerge? merged)
    {
        this.model = model;
        this.merged = merged;
        layout = ModelLayout.Of(ModelConfigs.Of(model));
    }

    /// <summary>Opens all networks of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="merged">Adapters that become part of its UNet; alive as long as this; null: none.</param>
    /// <exception cref="RunException">Input missing: a part is not there. Configuration error: parts of different families, or no known architecture.
    /// Data error: weights are unsound or do not fit their configuration.</exception>
    public static DirectoryConversion Open(ModelDirectory model, LoraMerge? merged = null)
    {
        DirectoryConversion opened = new(model, merged);
        try
        {
            foreach (NetworkLayout network in opened.layout.Networks)
            {
                Weights own = opened.weights[network.Component] = model.OpenWeights(network.Component);
                opened.storedNames[network.Component] = WeightsMatch.Of(network.Parameters, own, network.Component);
            }

            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Writes it as one safetensors file with the names of the single-file layout.</summary>
    /// <param name="target">The new file.</param>
    /// <param name="settings">How it is stored.</param>
    /// <exception cref="RunException">User error: a precision that destroys it. Storage error: the disk. Data error: a value does not fit the precision.</exception>
    public void WriteFile(string target, ConversionSettings settings)
    {
        RefuseOverflow(settings);
        using DisposeScope scope = NewDisposeScope();
        TensorToWrite[] tensors = [.. layout.Networks.SelectMany(network => network.Tensors.Select(tensor => Joined(network, tensor, settings))), .. PredictionMarks.Of(model)];
        SafetensorsWriter.WriteFile(target, settings.Meter.Watch(tensors), new WeightsFormat().Metadata);
    }

    /// <summary>Writes it as a directory again, in another precision.</summary>
    /// <param name="target">The new directory.</param>
    /// <param name="settings">How it is stored.</param>
    /// <exception cref="RunException">User error: a precision that destroys it. Configuration error: the target exists. Storage error: the disk.
    /// Data error: a value does not fit the precision.</exception>
    public void WriteDirectory(string target, ConversionSettings settings)
    {
        RefuseOverflow(settings);
        model.WriteWith(target, layout.Networks.ToDictionary(network => network.Component, network => Own(network, settings)), new());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Weights each in weights.Values) each.Dispose();
    }

    private TensorToWrite Joined(NetworkLayout network, LayoutTensor tensor, ConversionSettings settings)
    {
        Weights own = weights[network.Component];
        string[] stored = [.. tensor.Parts.Select(part => storedNames[network.Component][part.Name])];
        ScalarType storeAs = settings.TypeOf(network.Component, own.Entries[stored[0]].Type);
        return new(network.Prefix + tensor.Name, storeAs, tensor.Shape, () => tensor.Join([.. tensor.Parts.Select(part => Read(network, part, storeAs))]));
    }

    // Old names and what is no parameter stay behind.
    private IReadOnlyList<TensorToWrite> Own(NetworkLayout network, ConversionSettings settings)
    {
        Weights own = weights[network.Component];
        return settings.Meter.Watch(network.Parameters.Select(part =>
        {
            string stored = storedNames[network.Component][part.Name];
            ScalarType storeAs = settings.TypeOf(network.Component, own.Entries[stored].Type);
            return new TensorToWrite(part.Name, storeAs, part.Shape, () => Read(network, part, storeAs));
        }));
    }

    private Tensor Read(NetworkLayout network, ParameterShape part, ScalarType storeAs)
    {
        Tensor stored = weights[network.Component].GetTensor(storedNames[network.Component][part.Name]).view([.. part.Shape]);
        return merged is not null && network.Component == ModelConfigs.UNet ? merged.Changed(part.Name, stored, storeAs) : stored;
    }

    private void RefuseOverflow(ConversionSettings settings) =>
        settings.RefuseOverflow(layout, model.Path, weights[ModelConfigs.Autoencoder].Entries.Values.Select(entry => entry.Type));
}
