using System.Globalization;
using System.Text.RegularExpressions;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Scorers;

/// <summary>
/// Linear layers one after another, <c>layers.N.weight</c> [out, in] and <c>layers.N.bias</c>, down to one number. The published head has no activation
/// between them (its dropouts are gaps in the numbers), so neither has this.
/// </summary>
internal sealed partial class AestheticHead : IDisposable
{
    private readonly (Tensor Weight, Tensor Bias)[] layers; // as they are stored; converted when they are used

    private AestheticHead(IEnumerable<(Tensor Weight, Tensor Bias)> layers, string hash)
    {
        this.layers = [.. layers];
        Hash = hash;
    }

    /// <summary>Width of the embeddings that it takes.</summary>
    public long Width => layers[0].Weight.shape[1];

    /// <summary>SHA-256 of its weights.</summary>
    public string Hash { get; }

    /// <summary>Reads a head.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <exception cref="RunException">Input missing: there is none. Configuration error: it is a pickle. Data error: it is unsound, or no such head.</exception>
    public static AestheticHead Read(string path)
    {
        if (File.Exists(path) && WeightsPath.IsOtherFormat(path))
            throw new RunException(ExitClass.ConfigurationError, $"{path} is a pickle, which could run code when it is read; make a safetensors file of it: ddpo convert {path} HEAD.safetensors");
        using DisposeScope scope = NewDisposeScope();
        using Weights weights = Weights.Open(path);
        int[] numbers = [.. weights.Entries.Keys.Select(Number).Distinct().Order()];
        AestheticHead head = new(numbers.Select(number => (Tensor($"layers.{number}.weight"), Tensor($"layers.{number}.bias"))), WeightsHash.Of(weights));
        head.RefuseUnlessSound(path);
        foreach ((Tensor weight, Tensor bias) in head.layers) scope.Detach(weight, bias);
        return head;

        int Number(string name) => LayerName().Match(name) is { Success: true } match
            ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : throw NoHead(path, $"it has a tensor {Excerpt.Of(name)}");

        Tensor Tensor(string name) => weights.Entries.TryGetValue(name, out SafetensorsEntry? entry) && StorageTypes.IsFloating(entry.Type)
            ? weights.GetTensor(name).clone()
            : throw NoHead(path, $"it has no floating tensor {name}");
    }

    /// <summary>images [n, P] → scores [n].</summary>
    public Tensor Score(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor states = images;
        foreach ((Tensor weight, Tensor bias) in layers)
            states = nn.functional.linear(states, weight.to(images.dtype, images.device), bias.to(images.dtype, images.device));
        return states.squeeze(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((Tensor weight, Tensor bias) in layers)
        {
            weight.Dispose();
            bias.Dispose();
        }
    }

    private void RefuseUnlessSound(string path)
    {
        if (layers.Length == 0) throw NoHead(path, "it has no tensors");
        for (int i = 0; i < layers.Length; i++)
        {
            (Tensor weight, Tensor bias) = layers[i];
            bool fits = weight.dim() == 2 && bias.dim() == 1 && bias.shape[0] == weight.shape[0] && (i == 0 || weight.shape[1] == layers[i - 1].Weight.shape[0]);
            if (!fits) throw NoHead(path, $"its {i + 1}. layer, {WeightsMatch.Shape(weight.shape)} with a bias {WeightsMatch.Shape(bias.shape)}, does not fit");
        }

        if (layers[^1].Weight.shape[0] != 1) throw NoHead(path, $"its last layer gives {layers[^1].Weight.shape[0]} numbers in place of one");
    }

    private static RunException NoHead(string path, string reason) =>
        new(ExitClass.DataError, $"{path} is no head of the aesthetic predictor: {reason}; linear layers layers.N.weight and layers.N.bias are expected, down to one number");

    [GeneratedRegex(@"^layers\.([0-9]{1,4})\.(?:weight|bias)\z")]
    private static partial Regex LayerName();
}
