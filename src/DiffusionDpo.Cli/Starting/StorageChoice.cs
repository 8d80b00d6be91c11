namespace DiffusionDpo.Cli.Starting;

/// <summary>Where model, pairs and output of a new fine-tune are.</summary>
internal sealed record StorageChoice
{
    /// <summary>How <c>--storage</c> names it.</summary>
    public required string Name { get; init; }

    /// <summary>In words.</summary>
    public required string Description { get; init; }

    /// <summary>Where base models are.</summary>
    public required string Models { get; init; }

    /// <summary>Where pairs are.</summary>
    public required string Data { get; init; }

    /// <summary>Where runs go.</summary>
    public required string Runs { get; init; }

    /// <summary>The fields of pods that reach this storage; empty: no pods are needed.</summary>
    public IReadOnlyList<StarterLine> Workers { get; init; } = [];

    /// <summary>What must be there before, as lines of a comment.</summary>
    public IReadOnlyList<string> Before { get; init; } = [];

    /// <summary>All of them, the default first.</summary>
    public static IReadOnlyList<StorageChoice> All { get; } =
    [
        new()
        {
            Name = "local", Description = "files are on this machine; relative paths begin at this file", Models = "models", Data = "data", Runs = "runs",
        },
        new()
        {
            Name = "s3",
            Description = "everything is in S3",
            Models = "s3://my-bucket/models",
            Data = "s3://my-bucket/data",
            Runs = "s3://my-bucket/runs",
            Before =
            [
                "Credentials, as a Secret that pods get as environment variables (the operator reads none):",
                "  kubectl create secret generic s3-credentials --from-literal=AWS_ACCESS_KEY_ID=... --from-literal=AWS_SECRET_ACCESS_KEY=...",
                "With an IAM role instead: leave workers.envFromSecrets out and name the role's ServiceAccount in workers.serviceAccountName.",
            ],
            Workers = [new("workers.envFromSecrets", "[s3-credentials]"), new("workers.env", "{ AWS_REGION: eu-central-1 }")],
        },
        new()
        {
            Name = "azure",
            Description = "everything is in Azure Blob Storage",
            Models = "az://myaccount/models",
            Data = "az://myaccount/data",
            Runs = "az://myaccount/runs",
            Before =
            [
                "Credentials, by workload identity: a ServiceAccount whose identity may read and write these containers:",
                "  kubectl create serviceaccount dpo-trainer",
                "  kubectl annotate serviceaccount dpo-trainer azure.workload.identity/client-id=00000000-0000-0000-0000-000000000000",
            ],
            Workers = [new("workers.serviceAccountName", "dpo-trainer"), new("workers.labels", "{ azure.workload.identity/use: \"true\" }")],
        },
    ];
}
