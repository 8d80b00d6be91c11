using DiffusionDpo.Cli.Tests.Scenarios;

namespace DiffusionDpo.EndToEnd.Tests;

/// <summary>The quickstart's YAML with a few pairs and steps, for a cluster on this machine.</summary>
internal static class Quickstart
{
    /// <summary>Writes data and YAML.</summary>
    /// <returns>The YAML's path.</returns>
    public static string Write(LocalCluster cluster, int steps, int pairs, Func<string, string>? change = null)
    {
        TinyData.Write(cluster.In("data", "train", "train-00000.parquet"), pairs);
        TinyData.Write(cluster.In("data", "held-out", "validation-00000.parquet"), 6, firstRow: pairs);
        string text = File.ReadAllText(Repository.Path("examples/quickstart.yaml"))
            .Replace("source: shapes/model", $"source: {Repository.Path("examples/shapes/model")}", StringComparison.Ordinal)
            .Replace("../runs/quickstart/data", cluster.In("data"), StringComparison.Ordinal)
            .Replace("../runs/quickstart/run", cluster.In("run"), StringComparison.Ordinal)
            .Replace("steps: 150", $"steps: {steps}", StringComparison.Ordinal)
            .Replace("everySteps: 50", "everySteps: 2", StringComparison.Ordinal)
            .Replace("heldOutPairs: 200", "heldOutPairs: 4", StringComparison.Ordinal)
            .Replace("spec:", "spec:\n  workers: { gpusPerWorker: 0 }\n  retryPolicy: { backoff: { initialSeconds: 1 } }", StringComparison.Ordinal);
        File.WriteAllText(cluster.In("finetune.yaml"), change is null ? text : change(text));
        return cluster.In("finetune.yaml");
    }
}
