using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.UNets;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Adapters;

/// <summary>Files of low-rank adapters for a UNet: written in diffusers' and kohya's names, put onto networks.</summary>
public static class LoraFile
{
    /// <summary>What diffusers calls such a file.</summary>
    public const string DiffusersName = "pytorch_lora_weights.safetensors";

    /// <summary>Key of the header: the hash of the base network's weights, see <see cref="WeightsHash"/>.</summary>
    public const string BaseKey = "ddpo_base_sha256";

    /// <summary>Writes adapters.</summary>
    /// <param name="path">The file.</param>
    /// <param name="adapters">The adapters.</param>
    /// <param name="naming">diffusers' names, or those of kohya's scripts, which ComfyUI and the web UIs read.</param>
    /// <param name="baseHash">Of the network that they were trained on.</param>
    /// <param name="type">How they are stored.</param>
    /// <exception cref="RunException">Storage error: the disk is full or cannot be written.</exception>
    public static void Write(string path, LoraAdapters adapters, LoraNaming naming, string baseHash, ScalarType type) =>
        Write(path, [.. adapters.Weights()], naming, baseHash, new() { Precision = type });

    /// <summary>Reads adapters and puts them onto a network.</summary>
    /// <param name="path">A safetensors file in any of the known namings.</param>
    /// <param name="network">The UNet.</param>
    /// <param name="baseHash">The hash of its weights; null: whether they are those of the training is not checked.</param>
    /// <param name="strength">Their changes are multiplied by it.</param>
    /// <exception cref="RunException">
    /// Configuration error: they are of another base network. Data error: the file holds no adapters for this network, or others besides.
    /// </exception>
    public static LoraAdapters Attach(string path, UNet2DConditionModel network, string? baseHash, double strength = 1)
    {
        using LoraDocument document = LoraDocument.Open(path);
        if (baseHash is not null) document.RefuseUnlessOf(baseHash);
        IReadOnlyDictionary<string, LoraLayer> layers = document.On(AdaptableLayers.Of(UNetLayout.Of(UNetOutline.Of(network.Config))));
        LoraAdapters adapters = LoraAdapters.Attach(network, module => layers.TryGetValue(module, out LoraLayer? layer) ? (layer.Rank, strength * layer.Alpha) : null);
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach (LoraTensors each in adapters.Weights())
        {
            each.Down.copy_(document.Get(layers[each.Module].Down));
            each.Up.copy_(document.Get(layers[each.Module].Up));
        }

        adapters.Follow(network.parameters().First().device);
        return adapters;
    }

    /// <summary>Puts the adapters of a checkpoint of this program onto a network.</summary>
    /// <param name="path">The checkpoint's file of adapters.</param>
    /// <param name="network">The UNet; it may stand on the meta device, to be merged and not to compute.</param>
    /// <param name="options">Resolved, those of the training.</param>
    /// <exception cref="RunException">Data error: the file holds other adapters.</exception>
    public static LoraAdapters Restore(string path, nn.Module network, AdapterOptions options)
    {
        LoraAdapters adapters = LoraAdapters.Attach(network, options);
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            Fill(adapters, file);
            return adapters;
        }
        catch
        {
            adapters.Dispose();
            throw;
        }
    }

    internal static void Write(string path, IReadOnlyList<LoraTensors> layers, LoraNaming naming, string? baseHash, ConversionSettings settings)
    {
        using DisposeScope scope = NewDisposeScope();
        List<TensorToWrite> tensors = [];
        foreach (LoraTensors layer in layers)
        {
            string stem = naming.StemOf(layer.Module);
            tensors.Add(TensorToWrite.Of(naming.Down(stem), layer.Down, settings.Precision));
            tensors.Add(TensorToWrite.Of(naming.Up(stem), layer.Up, settings.Precision));
            if (naming.Alpha(stem) is { } alpha) tensors.Add(TensorToWrite.Of(alpha, tensor((float)layer.Alpha)));
        }

        SafetensorsWriter.WriteFile(path, settings.Meter.Watch(tensors), AdapterMetadata.Write(naming, layers, baseHash));
    }

    private static void Fill(LoraAdapters adapters, SafetensorsFile file)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach (LoraTensors layer in adapters.Weights())
        {
            Take(LoraNaming.Plain.Down(layer.Module), layer.Down);
            Take(LoraNaming.Plain.Up(layer.Module), layer.Up);
        }

        void Take(string name, Tensor target)
        {
            if (!file.Entries.TryGetValue(name, out SafetensorsEntry? entry))
                throw new RunException(ExitClass.DataError, $"{file.Path} has no {Excerpt.Plain(name)}");
            if (!entry.Shape.SequenceEqual(target.shape))
                throw new RunException(ExitClass.DataError, $"{file.Path}: {Excerpt.Plain(name)} is {WeightsMatch.Shape(entry.Shape)}, {WeightsMatch.Shape(target.shape)} fits the network");
            target.copy_(file.GetTensor(name));
        }
    }
}
