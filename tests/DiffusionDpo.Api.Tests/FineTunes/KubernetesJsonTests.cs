using System.Text.Json.Nodes;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using k8s;
using k8s.Models;

namespace DiffusionDpo.Api.Tests.FineTunes;

/// <summary>The types pass through the Kubernetes client as they are.</summary>
public sealed class KubernetesJsonTests
{
    [Fact]
    public void A_fine_tune_survives_the_client()
    {
        var written = FineTuneYaml.ReadFile(Repository.Path("tests", "manifests", "good", "full.yaml")).OrThrow();
        var json = KubernetesJson.Serialize(written);
        var read = KubernetesJson.Deserialize<DpoFineTune>(json);
        Assert.Equal(json, KubernetesJson.Serialize(read));
        Assert.Equal(RunPlan.For(written).Stages[0].ToJson(), RunPlan.For(read).Stages[0].ToJson());
    }

    [Fact]
    public void The_client_writes_the_words_of_the_definition()
    {
        var json = JsonNode.Parse(KubernetesJson.Serialize(Samples.FineTune(s => s with { GitOps = new GitOpsOptions { ReadyWhen = ReadyWhen.Complete } })))!;
        Assert.Equal(("diffusiondpo.io/v1alpha1", "DpoFineTune"), ((string?)json["apiVersion"], (string?)json["kind"]));
        Assert.Equal(("recommended", "sd15", "Complete"), ((string?)json["spec"]!["preset"], (string?)json["spec"]!["model"]!["family"], (string?)json["spec"]!["gitOps"]!["readyWhen"]));
    }

    [Fact]
    public void A_status_survives_the_client()
    {
        var time = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        var status = new DpoFineTuneStatus
        {
            Phase = FineTunePhase.Running,
            Conditions = [new V1Condition { Type = "Ready", Status = "True", Reason = "Running", Message = "", LastTransitionTime = time.UtcDateTime }],
            Progress = new TrainingProgress { Step = 1, TotalSteps = 2, Loss = 0.69, UpdatedAt = time },
            LastCheckpoint = new CheckpointStatus { Step = 1, Uri = "/c", Sha256 = "ab", Time = time, WorldSize = 1 },
            Attempts = [new AttemptStatus { Stage = Stage.Train, Number = 1, Class = "GpuFault", GpuSeconds = 3.5 }],
        };
        var read = KubernetesJson.Deserialize<DpoFineTuneStatus>(KubernetesJson.Serialize(status));
        Assert.Equal((status.Phase, status.Progress, status.LastCheckpoint), (read.Phase, read.Progress, read.LastCheckpoint));
        Assert.Equal((status.Attempts[0], "Ready"), (read.Attempts[0], read.Conditions[0].Type));
    }
}
