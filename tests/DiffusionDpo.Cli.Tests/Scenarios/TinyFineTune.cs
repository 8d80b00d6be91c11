namespace DiffusionDpo.Cli.Tests.Scenarios;

/// <summary>A fine-tune of the tiny model on a few pairs, as a user writes it; tests change what they are about.</summary>
internal sealed record TinyFineTune
{
    public const int CheckpointsKept = 3;

    public required string Data { get; init; }

    public string Model { get; init; } = Shared.Goldens.Path("tiny-sd15");

    public string Family { get; init; } = "sd15";

    public string Output { get; init; } = "run";

    public int Steps { get; init; } = 9;

    public int GlobalBatch { get; init; } = 4;

    public int MicroBatch { get; init; } = 2;

    public int CheckpointEvery { get; init; } = 2;

    public string LearningRate { get; init; } = "1.0e-4";

    /// <summary>Most tests are of training, to which a cache makes no difference: without one they have a stage less.</summary>
    public string Cache { get; init; } = "none";

    public required string HeldOut { get; init; }

    public string ToYaml() => $$"""
        apiVersion: diffusiondpo.io/v1alpha1
        kind: DpoFineTune
        metadata:
          name: tiny
        spec:
          preset: salesforce
          model: { family: {{Family}}, source: {{Model}} }
          data:
            sources: [{ uri: {{Data}} }]
            heldOut: [{ uri: {{HeldOut}} }]
            resolution: 64
            prefetchPairs: 128
            cache: {{Cache}}
          training: { steps: {{Steps}}, globalBatch: {{GlobalBatch}}, microBatch: {{MicroBatch}}, seed: 7, precision: fp32 }
          optimizer: { learningRate: {{LearningRate}}, warmupSteps: 2 }
          checkpoints: { everySteps: {{CheckpointEvery}}, keep: {{CheckpointsKept}} }
          evaluation: { heldOutPairs: 4, timestepsPerPair: 1, samples: { count: 3, steps: 2 } }
          output: { uri: {{Output}} }
        """;
}
