using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Pickles;

/// <summary>
/// A file that <c>torch.save</c> wrote of plain tensors (.pth, .pt, .bin, .ckpt): a state dictionary, or a dictionary that has one under
/// <c>state_dict</c>. Nothing in it is run; whatever else it holds, it is refused.
/// </summary>
public sealed class TorchPickle : IDisposable
{
    private const string StateKey = "state_dict";
    private const int LongestName = 512;
    private const long Slack = 1 << 20;

    private readonly TorchArchive archive;
    private readonly List<(string Name, PickledTensor Tensor)> tensors;

    private TorchPickle(TorchArchive archive)
    {
        this.archive = archive;
        tensors = StateOf(PickleReader.Read(archive.Pickle()));
        foreach ((_, PickledTensor tensor) in tensors) archive.RefuseUnlessThere(tensor.Storage);

        // Weights that are tied are written twice; a small file that becomes an enormous one is no model.
        Int128 bytes = tensors.Aggregate((Int128)0, (sum, each) => sum + ((Int128)each.Tensor.Elements * StorageTypes.BytesOf(each.Tensor.Storage.Type)));
        if (bytes > (2 * (Int128)archive.Bytes) + Slack) throw new PickleRefusal($"its tensors would have {bytes} bytes, the file has {archive.Bytes}");
    }

    /// <summary>Opens a file and checks all of it but the elements.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RunException">Input missing: there is none. Data error: it is broken, or holds anything but plain tensors.</exception>
    public static TorchPickle Open(string path)
    {
        try
        {
            return OpenFailure.Translate(path, "file of tensors", static path =>
            {
                TorchArchive archive = TorchArchive.Open(path);
                try
                {
                    return new TorchPickle(archive);
                }
                catch
                {
                    archive.Dispose();
                    throw;
                }
            });
        }
        catch (PickleRefusal refusal)
        {
            throw Refused(path, refusal);
        }
    }

    /// <summary>Writes the tensors as a safetensors file, under the names that they have.</summary>
    /// <param name="target">The file; its directory exists.</param>
    /// <param name="settings">Number format, and who is told of progress.</param>
    /// <exception cref="RunException">Storage error: the disk is full or cannot be written. Data error: a value does not fit the format.</exception>
    public void Write(string target, ConversionSettings settings) => SafetensorsWriter.WriteFile(
        target,
        settings.Meter.Watch(tensors.Select(each => new TensorToWrite(each.Name, TensorToWrite.TypeOf(each.Tensor.Storage.Type, settings.Precision), each.Tensor.Shape, () => Read(each.Tensor)))),
        new Dictionary<string, string> { ["format"] = "pt" });

    /// <inheritdoc/>
    public void Dispose() => archive.Dispose();

    private Tensor Read(PickledTensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return archive.Read(tensor.Storage).as_strided(tensor.Shape, tensor.Strides, tensor.Offset).MoveToOuterDisposeScope();
    }

    private static List<(string Name, PickledTensor Tensor)> StateOf(object? content)
    {
        if (content is not PickledMap map) throw new PickleRefusal("it is no dictionary of tensors");
        object? inner = map.Entries.FirstOrDefault(entry => entry.Key is StateKey).Value;
        List<(string, PickledTensor)> tensors = [];
        HashSet<string> names = [SafetensorsHeader.MetadataKey];
        foreach ((object? key, object? value) in (inner as PickledMap ?? map).Entries)
        {
            if (key is not string { Length: > 0 and <= LongestName } name || name.Any(char.IsControl)) throw new PickleRefusal("a key of its dictionary is no name");
            if (!names.Add(name)) throw new PickleRefusal($"it has {Excerpt.Of(name)} twice, or may not have it");
            tensors.Add((name, value as PickledTensor ?? throw new PickleRefusal($"its entry {Excerpt.Of(name)} is no tensor")));
        }

        return tensors.Count > 0 ? tensors : throw new PickleRefusal("its dictionary is empty");
    }

    private static RunException Refused(string path, PickleRefusal refusal) => new(
        ExitClass.DataError,
        $"{path} is refused: {refusal.Message}; of pickles only plain tensors are read, as everything else could run code: fetch the weights as .safetensors, or save their state_dict() alone",
        refusal);
}
