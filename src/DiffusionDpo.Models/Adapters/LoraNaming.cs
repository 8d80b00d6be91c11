namespace DiffusionDpo.Models.Adapters;

/// <summary>What the tensors of an adapter are called in a kind of file.</summary>
internal sealed record LoraNaming
{
    /// <summary>diffusers' <c>save_lora_weights</c> of today: peft's names below <c>unet.</c></summary>
    public static readonly LoraNaming Diffusers = new("diffusers", module => $"unet.{module}", ".lora_A.weight", ".lora_B.weight");

    /// <summary>diffusers before peft's names, still written by many scripts.</summary>
    public static readonly LoraNaming OldDiffusers = new("diffusers (old)", module => $"unet.{module}", ".lora.down.weight", ".lora.up.weight");

    /// <summary>peft's <c>adapter_model.safetensors</c>.</summary>
    public static readonly LoraNaming Peft = new("peft", module => $"base_model.model.{module}", ".lora_A.weight", ".lora_B.weight");

    /// <summary>Names as they stand in a checkpoint of this program.</summary>
    public static readonly LoraNaming Plain = new("plain", module => module, ".lora_A.weight", ".lora_B.weight");

    /// <summary>kohya's sd-scripts, which ComfyUI and the web UIs read: dots of the module's name are underscores, alpha is a tensor.</summary>
    public static readonly LoraNaming Kohya =
        new("kohya", module => "lora_unet_" + module.Replace('.', '_'), ".lora_down.weight", ".lora_up.weight") { AlphaEnding = ".alpha" };

    private readonly Func<string, string> stem;

    private LoraNaming(string title, Func<string, string> stem, string downEnding, string upEnding)
    {
        Title = title;
        this.stem = stem;
        DownEnding = downEnding;
        UpEnding = upEnding;
    }

    /// <summary>All that are read.</summary>
    public static IReadOnlyList<LoraNaming> All { get; } = [Diffusers, OldDiffusers, Peft, Kohya, Plain];

    /// <summary>What people call it.</summary>
    public string Title { get; }

    /// <summary>End of the name of A.</summary>
    public string DownEnding { get; }

    /// <summary>End of the name of B.</summary>
    public string UpEnding { get; }

    /// <summary>End of the name of alpha; null where files have none.</summary>
    public string? AlphaEnding { get; private init; }

    /// <summary>The name of A of a module.</summary>
    public string Down(string module) => stem(module) + DownEnding;

    /// <summary>The name of B of a module.</summary>
    public string Up(string module) => stem(module) + UpEnding;

    /// <summary>The name of alpha of a module; null where files have none.</summary>
    public string? Alpha(string module) => AlphaEnding is null ? null : stem(module) + AlphaEnding;
}
