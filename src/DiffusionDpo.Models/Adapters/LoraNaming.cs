namespace DiffusionDpo.Models.Adapters;

/// <summary>What the tensors of an adapter are called in a kind of file.</summary>
public sealed record LoraNaming
{
    /// <summary>diffusers' <c>save_lora_weights</c> of today: peft's names below <c>unet.</c></summary>
    public static readonly LoraNaming Diffusers = new("diffusers", "unet.", ".lora_A.weight", ".lora_B.weight");

    /// <summary>kohya's sd-scripts, which ComfyUI and the web UIs read: dots of the layer's name are underscores, alpha is a tensor.</summary>
    public static readonly LoraNaming Kohya = new("kohya", "lora_unet_", ".lora_down.weight", ".lora_up.weight") { AlphaEnding = ".alpha", IsFlat = true };

    // diffusers before peft's names, still written by many scripts
    private static readonly LoraNaming OldDiffusers = new("diffusers (old)", "unet.", ".lora.down.weight", ".lora.up.weight");

    // peft's adapter_model.safetensors
    internal static readonly LoraNaming Peft = new("peft", "base_model.model.", ".lora_A.weight", ".lora_B.weight");

    // names as they stand in a checkpoint of this program
    internal static readonly LoraNaming Plain = new("plain", "", ".lora_A.weight", ".lora_B.weight");

    private readonly string prefix;

    private LoraNaming(string title, string prefix, string downEnding, string upEnding)
    {
        Title = title;
        this.prefix = prefix;
        DownEnding = downEnding;
        UpEnding = upEnding;
    }

    /// <summary>All that are read; of several that fit a file equally the first is meant.</summary>
    internal static IReadOnlyList<LoraNaming> All { get; } = [Diffusers, OldDiffusers, Peft, Kohya, Plain];

    /// <summary>Those that are written, by their titles.</summary>
    public static IReadOnlyDictionary<string, LoraNaming> Written { get; } = new[] { Diffusers, Kohya }.ToDictionary(each => each.Title);

    /// <summary>What people call it.</summary>
    public string Title { get; }

    /// <summary>End of the name of A.</summary>
    internal string DownEnding { get; }

    /// <summary>End of the name of B.</summary>
    internal string UpEnding { get; }

    /// <summary>End of the name of alpha; null where files have none.</summary>
    internal string? AlphaEnding { get; private init; }

    /// <summary>Whether dots of a layer's name have become underscores, so that it cannot be had back without the network.</summary>
    internal bool IsFlat { get; private init; }

    /// <summary>What a layer is called between prefix and ending.</summary>
    internal string StemOf(string module) => IsFlat ? module.Replace('.', '_') : module;

    /// <summary>The name of A of a layer.</summary>
    internal string Down(string stem) => prefix + stem + DownEnding;

    /// <summary>The name of B of a layer.</summary>
    internal string Up(string stem) => prefix + stem + UpEnding;

    /// <summary>The name of alpha of a layer; null where files have none.</summary>
    internal string? Alpha(string stem) => AlphaEnding is null ? null : prefix + stem + AlphaEnding;

    /// <summary>What the layer is called whose A has a name; null for another tensor.</summary>
    internal string? StemOfDown(string name) =>
        name.Length > prefix.Length + DownEnding.Length && name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(DownEnding, StringComparison.Ordinal)
            ? name[prefix.Length..^DownEnding.Length]
            : null;
}
