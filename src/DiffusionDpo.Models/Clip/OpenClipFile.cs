using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;

namespace DiffusionDpo.Models.Clip;

/// <summary>A whole CLIP model in one safetensors file with OpenCLIP's names, to be written in transformers' layout.</summary>
public sealed class OpenClipFile : IDisposable
{
    private readonly Weights weights;
    private readonly ClipDirectory like;
    private readonly IReadOnlyList<LayoutTensor> tensors;

    private OpenClipFile(Weights weights, ClipDirectory like)
    {
        this.weights = weights;
        this.like = like;
        tensors = OpenClipModelLayout.Of(like.Config);
        WeightsMatch.Of([.. tensors.Select(tensor => new ParameterShape(tensor.Name, tensor.Shape))], weights, $"{like.Path} in OpenCLIP's names");
    }

    /// <summary>Opens a file and compares every name and shape.</summary>
    /// <param name="path">The file.</param>
    /// <param name="like">A model of the same architecture: configuration and tokenizer are taken from it, weights need not be there.</param>
    /// <exception cref="RunException">Input missing: there is no file. Data error: it is unsound, or of another architecture.</exception>
    public static OpenClipFile Open(string path, ClipDirectory like)
    {
        Weights weights = Weights.Open(path);
        try
        {
            return new(weights, like);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Writes a directory in transformers' layout.</summary>
    /// <param name="target">The new directory.</param>
    /// <param name="settings">How it is stored.</param>
    /// <exception cref="RunException">Configuration error: the target exists. Storage error: the disk. Data error: a value does not fit the precision.</exception>
    public void WriteDirectory(string target, ConversionSettings settings)
    {
        IReadOnlyList<TensorToWrite> parts = settings.Meter.Watch(tensors.SelectMany(tensor => Parts(tensor, settings)));
        DurableDirectory.Write(target, into =>
        {
            foreach (string file in Directory.GetFiles(like.Path).Where(file => !WeightsPath.IsSafetensors(file) && !WeightsPath.IsOtherFormat(file)))
                File.Copy(file, Path.Combine(into, Path.GetFileName(file)));
            WeightsWriter.Write(into, "model", parts, new());
        });
    }

    /// <inheritdoc/>
    public void Dispose() => weights.Dispose();

    private IEnumerable<TensorToWrite> Parts(LayoutTensor tensor, ConversionSettings settings) => tensor.Parts.Select((part, index) => new TensorToWrite(
        part.Name, TensorToWrite.TypeOf(weights.Entries[tensor.Name].Type, settings.Precision), part.Shape, () => tensor.Part(weights.GetTensor(tensor.Name), index)));
}
