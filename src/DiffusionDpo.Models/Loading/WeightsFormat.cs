using static TorchSharp.torch;

namespace DiffusionDpo.Models.Loading;

/// <summary>How the tensors of a network are stored.</summary>
public sealed record WeightsFormat
{
    /// <summary>Element type of floating tensors: Float32, Float16 or BFloat16; null keeps each tensor's own.</summary>
    public ScalarType? StoreAs { get; init; }

    /// <summary>Most bytes of tensors in one file; a larger tensor gets a file of its own. The default is what diffusers writes.</summary>
    public long MaxShardBytes { get; init; } = 10_000_000_000;

    /// <summary>Free text for the header; transformers refuses files that do not say that the tensors are PyTorch's.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string> { ["format"] = "pt" };
}
