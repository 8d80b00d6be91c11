namespace DiffusionDpo.Operator;

/// <summary>How this operator makes objects and waits.</summary>
internal sealed record OperatorOptions
{
    /// <summary>The trainer's image for fine-tunes that name none.</summary>
    public string TrainerImage { get; init; } = "diffusiondpo/trainer:0.1.0";

    /// <summary>The ServiceAccount of pods for fine-tunes that name none. Null: the namespace's default.</summary>
    public string? TrainerServiceAccount { get; init; }

    /// <summary>The port on which trainers answer /status and /metrics.</summary>
    public int TrainerPort { get; init; } = 8080;

    /// <summary>Time between two looks at a trainer's progress, and between two writes of it.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(30);
}
