using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Data.Preparation;

/// <summary>All that decides what an image or a prompt becomes: two caches of one identity hold the same bytes for the same image.</summary>
public sealed class CacheIdentity
{
    /// <summary>Changes with the code: what this build makes of images and prompts, and how it is laid out.</summary>
    private const string Encoder = "ddpo 1";

    private const int KeyLength = 32;

    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private CacheIdentity(SortedDictionary<string, string> fields) => Fields = fields;

    /// <summary>Name and value of everything in it, in the order of the names.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; }

    /// <summary>A hash of all fields, in hex.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson())))[..KeyLength];

    /// <summary>Whether latents of the mirrored images are held too.</summary>
    internal bool HasMirrors => Fields["mirrors"] == "true";

    /// <summary>The identity of what a run needs. Reads all weights of autoencoder and text encoders.</summary>
    /// <param name="model">A model in diffusers layout, on this machine.</param>
    /// <param name="data">The run's options, resolved.</param>
    /// <param name="format">The number format of the frozen networks.</param>
    /// <param name="device">Where they compute.</param>
    /// <param name="tf32">Whether float32 products are rounded to TF32 there, which only a GPU does.</param>
    /// <exception cref="Api.Failures.RunException">The model lacks a part.</exception>
    public static CacheIdentity Of(string model, DataOptions data, ScalarType format, DeviceType device, bool tf32)
    {
        var directory = ModelDirectory.Open(model);
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["encoder"] = Encoder,
            ["pipeline"] = directory.PipelineClass,
            ["resolution"] = data.Resolution!.Value.ToString(CultureInfo.InvariantCulture),
            ["resize"] = "bilinear antialiased",
            ["crop"] = "center",
            ["mirrors"] = data.Flip == FlipMode.None ? "false" : "true",
            ["format"] = $"{format}",
            ["device"] = tf32 && device == DeviceType.CUDA && format == ScalarType.Float32 ? "cuda, tf32" : device.ToString().ToLowerInvariant(),
        };
        foreach (var part in directory.Components.Where(IsAutoencoderOrText))
        {
            if (!part.StartsWith("tokenizer", StringComparison.Ordinal)) fields[$"{part} weights"] = HashOfWeights(directory, part);
            fields[$"{part} files"] = TextFilesHash.Of(directory.ComponentPath(part));
        }

        return new(fields);
    }

    /// <summary>Reads an identity that was written.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static CacheIdentity Parse(string json)
    {
        try
        {
            return new(new(JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? [], StringComparer.Ordinal));
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException("it is no list of names and texts", exception);
        }
    }

    /// <summary>The identity as it is written beside the data.</summary>
    public string ToJson() => JsonSerializer.Serialize(Fields, Written) + "\n";

    /// <summary>The fields in which another identity differs, each with both values.</summary>
    /// <param name="other">The other.</param>
    public IEnumerable<string> DifferencesFrom(CacheIdentity other) => Fields.Keys.Union(other.Fields.Keys).Order(StringComparer.Ordinal)
        .Where(name => Fields.GetValueOrDefault(name) != other.Fields.GetValueOrDefault(name))
        .Select(name => $"{name} is {Short(Fields, name)} and there {Short(other.Fields, name)}");

    private static bool IsAutoencoderOrText(string component) => component == "vae"
        || component.StartsWith("text_encoder", StringComparison.Ordinal) || component.StartsWith("tokenizer", StringComparison.Ordinal);

    private static string Short(IReadOnlyDictionary<string, string> fields, string name) =>
        fields.GetValueOrDefault(name) is not { } value ? "nothing" : value.Length > KeyLength ? value[..KeyLength] : value;

    private static string HashOfWeights(ModelDirectory directory, string component)
    {
        using var weights = directory.OpenWeights(component);
        return WeightsHash.Of(weights);
    }
}
