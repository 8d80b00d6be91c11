using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;

namespace DiffusionDpo.EndToEnd.Tests;

/// <summary>The quickstart's YAML, applied to a cluster whose parts are all real processes but the API server.</summary>
public sealed class QuickstartTests
{
    private const int Steps = 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_killed_trainer_is_followed_by_one_that_resumes_and_the_run_completes()
    {
        await using var cluster = await LocalCluster.StartAsync();
        string yaml = Quickstart.Write(cluster, Steps, pairs: 40);
        using RealProcess operators = cluster.StartOperator();
        await cluster.ApplyAsync(yaml);
        await cluster.UntilAsync("quickstart", status => (long?)status["lastCheckpoint"]?["step"] >= 4, s_patience);
        using PrometheusServer? prometheus = PrometheusServer.Start(cluster);
        RealProcess.Kill(TrainerOf(cluster));
        if (prometheus is not null) await prometheus.UntilAsync("dpo_train_step", value => value > 4, s_patience);
        var ended = await cluster.UntilAsync("quickstart", status => (string?)status["phase"] is "Complete" or "Failed", s_patience);

        Assert.Equal("Complete", (string?)ended["phase"]);
        var attempts = ended["attempts"]!.AsArray();
        Assert.Equal(["Succeeded", "Unknown", "Succeeded", "Succeeded"], attempts.Select(a => (string?)a!["class"]));
        Assert.InRange((long)attempts[2]!["startStep"]!, 4, Steps - 1);
        Assert.Equal(Steps, (long?)attempts[2]!["endStep"]);
        Assert.Equal($"{Steps}/{Steps}", (string?)ended["steps"]);
        Assert.True(File.Exists(cluster.In("run", "model", "unet", "diffusion_pytorch_model.safetensors")));
        Assert.Equal(RunFileOf(yaml), File.ReadAllText(cluster.In("run", "run.json")));
        if (prometheus is not null)
        {
            await prometheus.UntilAsync("dpo_finetune_attempts_total{stage=\"train\",class=\"Unknown\"}", value => value == 1, s_patience);
            await prometheus.UntilAsync("sum(dpo_finetune_attempts_total{class=\"Succeeded\"})", value => value == 3, s_patience);
            await prometheus.UntilAsync("dpo_finetune_runs{phase=\"Complete\"}", value => value == 1, s_patience);
            await prometheus.UntilAsync("leader_election_master_status", value => value == 1, s_patience);
            await prometheus.UntilAsync("sum(workqueue_adds_total)", value => value > 0, s_patience);
            await prometheus.UntilAsync("sum(controller_runtime_reconcile_total)", value => value > 0, s_patience);
            await prometheus.UntilAsync("sum(rest_client_requests_total{code=\"201\"})", value => value > 0, s_patience);
            Assert.Equal("", await prometheus.CheckAsync(new Uri($"http://127.0.0.1:{cluster.MetricsPort}/metrics")));
        }

        Assert.True(operators.Terminate() == 0, operators.Output);
        Assert.SkipWhen(prometheus is null, "all of it passed but the scrapes: there is no prometheus on this machine (Debian: apt-get install prometheus)");
    }

    /// <summary>What `ddpo run` would write on this machine for the same YAML.</summary>
    private static string RunFileOf(string yaml) => RunPlan.For(FineTuneYaml.ReadFile(yaml).OrThrow()).Stages.Single(file => file.Stage == Stage.Train).ToJson();

    private static int TrainerOf(LocalCluster cluster)
    {
        // The kubelet's processes are children of this one; their command line names the run file in the pod's directory.
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out int id)) continue;
            try
            {
                string command = File.ReadAllText(Path.Combine(directory, "cmdline"));
                if (command.Contains(cluster.In("pods"), StringComparison.Ordinal) && command.Contains("train.json", StringComparison.Ordinal)) return id;
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        throw new InvalidOperationException("no trainer runs");
    }
}
