using System.Text.Json.Nodes;

namespace DiffusionDpo.EndToEnd.Tests;

/// <summary>A fine-tune with data.cache: latents, applied to a cluster whose parts are all real processes but the API server.</summary>
public sealed class PreparedRunTests
{
    private const int Steps = 2;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Images_and_prompts_are_prepared_then_trained_on_and_the_model_is_exported()
    {
        await using var cluster = await LocalCluster.StartAsync();
        string yaml = Quickstart.Write(cluster, Steps, pairs: 8, text => text
            .Replace("resolution: 64", "resolution: 64\n    crop: center\n    cache: latents", StringComparison.Ordinal)
            .Replace("globalBatch: 32", "globalBatch: 4", StringComparison.Ordinal)
            .Replace("microBatch: 16", "microBatch: 4", StringComparison.Ordinal)
            .Replace("warmupSteps: 15", "warmupSteps: 1", StringComparison.Ordinal)
            .Replace("count: 12", "count: 1", StringComparison.Ordinal));
        using RealProcess operators = cluster.StartOperator();
        await cluster.ApplyAsync(yaml);
        var prepared = await cluster.UntilAsync("quickstart", status => status["attempts"]?.AsArray().Count > 1, s_patience);
        Assert.Equal(("True", "Prepared"), Condition(prepared, "DataReady"));
        var ended = await cluster.UntilAsync("quickstart", status => (string?)status["phase"] is "Complete", s_patience);

        Assert.Equal(["prepare Succeeded", "train Succeeded", "export Succeeded"], ended["attempts"]!.AsArray().Select(a => $"{a!["stage"]} {a["class"]}"));
        Assert.Equal($"{Steps}/{Steps}", (string?)ended["steps"]);
        Assert.Equal(("True", "Prepared"), Condition(ended, "DataReady"));
        Assert.Equal(("True", "Succeeded"), Condition(ended, "Complete"));
        Assert.Equal(("True", "Succeeded"), Condition(ended, "Ready"));
        // One of the training pairs, one of the held-out ones.
        Assert.Equal(2, Directory.GetFiles(cluster.In("run", "cache"), "manifest.bin", SearchOption.AllDirectories).Length);
        Assert.True(File.Exists(cluster.In("run", "model", "unet", "diffusion_pytorch_model.safetensors")));
        Assert.True(operators.Terminate() == 0, operators.Output);
    }

    private static (string?, string?) Condition(JsonNode status, string type)
    {
        var condition = status["conditions"]!.AsArray().Single(c => (string?)c!["type"] == type)!;
        return ((string?)condition["status"], (string?)condition["reason"]);
    }
}
