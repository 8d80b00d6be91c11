namespace FullSize;

/// <summary>A fine-tune at full size.</summary>
/// <param name="Name">How it is chosen.</param>
/// <param name="What">In a table.</param>
/// <param name="Family">The model's.</param>
/// <param name="Spec">What the fine-tune says besides model, data and places, as lines of YAML below <c>spec</c>.</param>
internal sealed record Case(string Name, string What, string Family, string Spec)
{
    private const string Tail = """
          evaluation: { samples: { count: 0 } }
          checkpoints: { everySteps: 100 }
        """;

    public static IReadOnlyList<Case> All { get; } =
    [
        new("sd15-lora", "SD1.5 LoRA rank 16, bf16, 64×64 latents, 2 steps", "sd15", """
              adapter: { type: lora, rank: 16 }
              data: { sources: [{ uri: DATA }], cache: none, resolution: 512 }
              training: { steps: 2, globalBatch: 1, precision: bf16 }
            """),
        new("sdxl-lora", "SDXL LoRA rank 16, bf16, 64×64 latents, checkpointed, 1 step", "sdxl", """
              adapter: { type: lora, rank: 16 }
              data: { sources: [{ uri: DATA }], cache: none, resolution: 512 }
              training: { steps: 1, globalBatch: 1, precision: bf16, gradientCheckpointing: blocks }
            """),
        new("sd15-full", "SD1.5 all weights, bf16 with float32 weights and AdamW, 32×32 latents, checkpointed, 1 step", "sd15", """
              data: { sources: [{ uri: DATA }], cache: none, resolution: 256 }
              training: { steps: 1, globalBatch: 1, precision: bf16, gradientCheckpointing: blocks }
            """),
    ];

    /// <summary>The fine-tune as YAML.</summary>
    /// <param name="model">The model's directory.</param>
    /// <param name="data">A shard.</param>
    /// <param name="output">The run's directory.</param>
    public string ToYaml(string model, string data, string output) => $"""
        apiVersion: diffusiondpo.io/v1alpha1
        kind: DpoFineTune
        metadata: {"{"} name: {Name} {"}"}
        spec:
          model: {"{"} family: {Family}, source: {model} {"}"}
          output: {"{"} uri: {output}, precision: bf16 {"}"}
          optimizer: {"{"} warmupSteps: 0 {"}"}
        {Spec.Replace("DATA", data, StringComparison.Ordinal)}
        {Tail}
        """;
}
