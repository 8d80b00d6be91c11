using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Loading;

/// <summary>
/// A model in diffusers layout: <c>model_index.json</c>, and a directory for each component (<c>unet</c>, <c>vae</c>,
/// <c>text_encoder</c>, <c>tokenizer</c>, <c>scheduler</c>) with its configuration and weights.
/// </summary>
public sealed class ModelDirectory
{
    /// <summary>The file that names the pipeline and its components.</summary>
    public const string IndexName = "model_index.json";

    private const string ClassKey = "_class_name";
    private const long MostIndexBytes = 1 << 20;

    private ModelDirectory(string path, JsonElement index)
    {
        Path = path;
        Index = index;
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>The content of <c>model_index.json</c>, a JSON object.</summary>
    public JsonElement Index { get; }

    /// <summary>The pipeline's class in diffusers, such as <c>StableDiffusionPipeline</c>; empty if the index names none.</summary>
    public string PipelineClass =>
        Index.TryGetProperty(ClassKey, out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString()! : "";

    /// <summary>The components that the index names and does not leave out.</summary>
    public IEnumerable<string> Components => Index.EnumerateObject()
        .Where(each => each.Value is { ValueKind: JsonValueKind.Array } pair
            && pair.EnumerateArray().All(part => part.ValueKind == JsonValueKind.String))
        .Select(each => each.Name);

    /// <summary>Opens a directory and reads its index; components are looked for when they are asked for.</summary>
    /// <param name="path">The directory.</param>
    /// <exception cref="RunException">
    /// Input missing: no such directory, or no index in it. Data error: the index is no JSON object. Configuration error: it is a single file.
    /// </exception>
    public static ModelDirectory Open(string path)
    {
        if (File.Exists(path) && WeightsPath.IsSafetensors(path)) throw SingleFile(path);
        if (!Directory.Exists(path)) throw Missing($"{path} is not a directory; a model in diffusers layout is needed there");
        if (!File.Exists(System.IO.Path.Combine(path, IndexName)) && Below(path) is { } below)
            throw Missing($"{path} is no model: it has no {IndexName}; {below} is one, name that");
        return new(path, OpenFailure.Translate(System.IO.Path.Combine(path, IndexName), "index of a model in diffusers layout", ReadObject));
    }

    // Where somebody names the directory of all models.
    private static string? Below(string path) =>
        Directory.GetDirectories(path).Order(StringComparer.Ordinal).FirstOrDefault(one => File.Exists(System.IO.Path.Combine(one, IndexName)));

    /// <summary>
    /// Whether a file of a published model is needed to load it, or to write it anew: configurations, tokenizers, licenses, weights in safetensors format. Not: single files of
    /// the whole model, and weights in other formats, which published models hold as well.
    /// </summary>
    /// <param name="name">Its name below the model's directory, with slashes.</param>
    public static bool IsPartOfModel(string name)
    {
        string file = name[(name.LastIndexOf('/') + 1)..];
        if (!name.Contains('/')) return IsIndexOrLicense(file);
        return name.Count('/') == 1 && !file.StartsWith('.') && !WeightsPath.IsOtherFormat(file) && !WeightsPath.IsOtherVariant(file);
    }

    /// <summary>The directory of a component.</summary>
    /// <param name="component">Such as <c>unet</c>.</param>
    /// <exception cref="RunException">Input missing: the model has no such directory.</exception>
    public string ComponentPath(string component)
    {
        string path = System.IO.Path.Combine(Path, component);
        return Directory.Exists(path) ? path : throw Missing($"{Path} has no directory {component}; fetch the whole model in diffusers layout");
    }

    /// <summary>A file of a component, such as <c>config.json</c> of <c>unet</c>, or <c>scheduler_config.json</c> of <c>scheduler</c>.</summary>
    /// <param name="component">The component.</param>
    /// <param name="name">The file's name.</param>
    /// <exception cref="RunException">Input missing: there is no such file.</exception>
    public string FilePath(string component, string name)
    {
        string path = System.IO.Path.Combine(ComponentPath(component), name);
        return File.Exists(path) ? path : throw Missing($"{path} does not exist; fetch the whole model in diffusers layout");
    }

    /// <summary>The weights of a component: of full precision where they are there, else the fp16 variant.</summary>
    /// <param name="component">The component.</param>
    /// <exception cref="RunException">Input missing: there are none in safetensors format. Data error: they are unsound.</exception>
    public Weights OpenWeights(string component) => Weights.Open(WeightsPath.Find(ComponentPath(component)));

    /// <summary>
    /// Writes a model that is this one with other weights in one component. Index, license and the other components are copied; the whole
    /// directory appears at once. Where a component has safetensors files, its copies in other formats are left out.
    /// </summary>
    /// <param name="target">The new directory; nothing stands there yet.</param>
    /// <param name="component">The component with new weights, such as <c>unet</c>; its configuration is copied.</param>
    /// <param name="tensors">Its new tensors.</param>
    /// <param name="format">How they are stored.</param>
    /// <exception cref="RunException">
    /// Configuration error: the target exists. Storage error: the disk is full or cannot be written. Data error: a value does not fit the format.
    /// </exception>
    public void WriteWith(string target, string component, IReadOnlyList<(string Name, Tensor Tensor)> tensors, WeightsFormat format) =>
        WriteWith(target, new Dictionary<string, IReadOnlyList<TensorToWrite>>
        {
            [component] = [.. tensors.Select(each => TensorToWrite.Of(each.Name, each.Tensor, format.StoreAs))],
        }, format);

    /// <summary>The same with other weights in several components, each tensor fetched when it is written.</summary>
    /// <param name="target">The new directory; nothing stands there yet.</param>
    /// <param name="weights">Components with new weights; their configurations are copied.</param>
    /// <param name="format">Size of shards, metadata.</param>
    /// <exception cref="RunException">
    /// Configuration error: the target exists. Storage error: the disk is full or cannot be written. Data error: a value does not fit the format.
    /// </exception>
    public void WriteWith(string target, IReadOnlyDictionary<string, IReadOnlyList<TensorToWrite>> weights, WeightsFormat format) =>
        DurableDirectory.Write(target, into =>
        {
            foreach (string file in Directory.GetFiles(Path).Where(IsIndexOrLicense)) Copy(file, into);
            foreach (string each in Components.Where(each => Directory.Exists(System.IO.Path.Combine(Path, each))))
                CopyComponent(each, into, withWeights: !weights.ContainsKey(each));
            foreach ((string component, IReadOnlyList<TensorToWrite> tensors) in weights)
                WeightsWriter.Write(System.IO.Path.Combine(into, component), WeightsPath.StemOf(component, ComponentPath(component)), tensors, format);
        });

    private static bool IsIndexOrLicense(string file) =>
        System.IO.Path.GetFileName(file) is var name
        && (name == IndexName
            || name.StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("NOTICE", StringComparison.OrdinalIgnoreCase));

    private void CopyComponent(string component, string into, bool withWeights)
    {
        string to = Directory.CreateDirectory(System.IO.Path.Combine(into, component)).FullName;
        string[] files = Directory.GetFiles(ComponentPath(component));
        bool hasSafetensors = files.Any(WeightsPath.IsSafetensors);
        foreach (string file in files)
        {
            bool isWanted = WeightsPath.IsSafetensors(file) ? withWeights : !WeightsPath.IsOtherFormat(file) || (withWeights && !hasSafetensors);
            if (isWanted) Copy(file, to);
        }
    }

    private static void Copy(string file, string directory) => File.Copy(file, System.IO.Path.Combine(directory, System.IO.Path.GetFileName(file)));

    private static JsonElement ReadObject(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > MostIndexBytes) throw new InvalidDataException($"it has {stream.Length} bytes; at most {MostIndexBytes} are allowed");
        try
        {
            using JsonDocument document = JsonDocument.Parse(stream, new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement index = document.RootElement;
            if (index.ValueKind != JsonValueKind.Object) throw new InvalidDataException("it is no JSON object");
            foreach (JsonProperty each in index.EnumerateObject()) RefuseUnlessPlain(each.Name);
            if (index.TryGetProperty(ClassKey, out JsonElement name) && name.ValueKind == JsonValueKind.String) _ = name.GetString();
            return index.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("it is no JSON object", e);
        }
    }

    /// <summary>Names become directories: a downloaded index must not reach outside its own.</summary>
    private static void RefuseUnlessPlain(string name)
    {
        if (name is "" or "." or ".." || name.Any(char.IsControl) || name != System.IO.Path.GetFileName(name))
            throw new InvalidDataException($"{Excerpt.Of(name)} is no name of a component");
    }

    private static RunException SingleFile(string path) => new(
        ExitClass.ConfigurationError,
        $"{path} is one file, and a model in diffusers layout is needed; make one of it: ddpo convert {path} DIRECTORY --tokenizer DIRECTORY (see docs/convert.md)");

    private static RunException Missing(string message) => new(ExitClass.InputMissing, message);
}
