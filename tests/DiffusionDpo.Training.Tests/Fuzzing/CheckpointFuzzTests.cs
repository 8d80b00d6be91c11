using System.Text;
using System.Text.Json.Nodes;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Shared.Fuzzing;
using DiffusionDpo.Training.Checkpoints;
using DiffusionDpo.Training.Objectives;
using Xunit;

namespace DiffusionDpo.Training.Tests.Fuzzing;

/// <summary>Manifests as a broken disk or another program leaves them: the checkpoint is restored or refused by name, and no file outside of it is read.</summary>
public sealed class CheckpointFuzzTests : IDisposable
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly ExitClass[] s_promised = [ExitClass.CheckpointCorrupt, ExitClass.ConfigurationError];

    private readonly string directory = Path.Combine(Path.GetTempPath(), $"ddpo-checkpoints-{Guid.NewGuid():N}");
    private readonly TinyRun run = new(new SigmoidObjective(5000));
    private readonly CheckpointStore store;

    public CheckpointFuzzTests()
    {
        store = new(directory, 2, TimeProvider.System);
        store.Save(new(1, 2, 0, 1), new("fingerprint", "data", new JsonObject()), run.State);
    }

    private string Manifest => Path.Combine(directory, "step-00000001", CheckpointManifest.FileName);

    private static string[] Nasty =>
    [
        "", "null", "[]", "{}", "{\"formatVersion\":1}", "{\"formatVersion\":7,\"position\":{},\"run\":{},\"files\":[],\"createdAt\":\"2026-01-01\",\"worldSize\":1}", "{\"formatVersion\":1,\"position\":null,\"run\":null,\"files\":null,\"createdAt\":\"2026-01-01T00:00:00Z\",\"worldSize\":1}",
        "{\"formatVersion\":1,\"position\":{\"step\":1},\"run\":{\"fingerprint\":\"f\",\"dataHash\":\"d\",\"options\":{}},\"files\":[],\"createdAt\":\"2026-01-01T00:00:00Z\",\"worldSize\":1}",
        "{\"\\ud800\":1}", new string('[', 100_000), string.Concat(Enumerable.Repeat("{\"run\":", 50_000)),
    ];

    public void Dispose()
    {
        run.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void Whatever_is_in_a_manifest_its_checkpoint_is_restored_or_refused()
    {
        byte[] sound = File.ReadAllBytes(Manifest);
        foreach (string nasty in Nasty) Assert.False(Fuzz.One(Encoding.UTF8.GetBytes(nasty), nasty[..Math.Min(60, nasty.Length)], IsTaken));
        int cases = Fuzz.Cases(1_000);
        Assert.InRange(Fuzz.Feed(new([sound], [.. Nasty.Select(Encoding.UTF8.GetBytes)], "\"step\": 2", "\"files\": []", "\"name\": \"/dev/zero\"", "null"), cases, IsTaken), 1, cases / 2);
    }

    [Theory]
    [InlineData("unet/diffusion_pytorch_model.safetensors", "../../secret")]
    [InlineData("\"step\": 1", "\"step\": 2")]
    [InlineData("\"optimizer.safetensors\"", "\"unet/diffusion_pytorch_model.safetensors\"")]
    [InlineData("\"position\": {", "\"position\": null, \"x\": {")]
    [InlineData("\"options\": {}", "\"options\": null")]
    public void A_manifest_of_something_else_is_corrupt(string old, string with)
    {
        string text = File.ReadAllText(Manifest);
        Assert.Contains(old, text, StringComparison.Ordinal);
        Assert.False(IsTaken(Encoding.UTF8.GetBytes(text.Replace(old, with, StringComparison.Ordinal))));
    }

    private bool IsTaken(byte[] file)
    {
        File.WriteAllBytes(Manifest, file);
        try
        {
            Checkpoint found = store.FindLatest(stop: Stop)!;
            found.Restore(run.State);
            Assert.Equal(1, run.Optimizer.Steps);
            return true;
        }
        catch (RunException refusal)
        {
            Assert.Contains(refusal.ExitClass, s_promised);
            Assert.StartsWith(Path.GetDirectoryName(Manifest)!, refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(refusal.Message, char.IsControl);
            Assert.InRange(refusal.Message.Length, 20, 2_000);
            return false;
        }
    }
}
