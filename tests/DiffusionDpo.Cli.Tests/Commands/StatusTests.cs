using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed partial class StatusTests(UninterruptedRun uninterrupted)
{
    private static readonly string[] s_metrics =
    [
        "dpo_train_step", "dpo_train_loss", "dpo_train_implicit_accuracy", "dpo_train_reward_margin",
        "dpo_train_winner_error_excess", "dpo_train_loser_error_excess", "dpo_train_gradient_norm", "dpo_train_learning_rate", "dpo_train_pairs_per_second", "dpo_train_pairs_total", "dpo_train_step_seconds",
        "dpo_train_phase_seconds_total", "dpo_train_data_wait_seconds_total", "dpo_train_checkpoint_seconds", "dpo_train_bad_rows_total",
        "dpo_train_held_out_implicit_accuracy", "dpo_train_held_out_implicit_accuracy_lower", "dpo_train_held_out_implicit_accuracy_upper",
        "dpo_train_resident_memory_bytes", "dpo_prepare_done", "dpo_prepare_total", "dpo_prepare_per_second",
    ];

    [Fact]
    public async Task A_run_answers_on_its_port_while_it_trains()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.Endless with { CheckpointEvery = 2 });
        using DdpoProcess process = DdpoProcess.Start("run", workspace.File, "--json", "--port", "0");
        JsonObject serving = process.WaitForEvent("status");
        Assert.Equal($"http://127.0.0.1:{serving["port"]}/", (string?)serving["url"]);
        _ = process.WaitForEvent("checkpoint");
        using HttpClient client = new() { BaseAddress = new Uri((string)serving["url"]!) };
        CancellationToken cancellation = TestContext.Current.CancellationToken;

        Assert.Equal("ok\n", await client.GetStringAsync("/healthz", cancellation));
        IsStatus(JsonNode.Parse(await client.GetStringAsync("/status", cancellation))!.AsObject(), workspace);
        string metrics = await client.GetStringAsync("/metrics", cancellation);
        Assert.Equal(s_metrics.Order(), TypeLine().Matches(metrics).Select(match => match.Groups[1].Value).Order());
        Assert.Matches(@"(?m)^dpo_train_step ([2-9]|\d\d+)$", metrics);

        using HttpResponseMessage report = await client.GetAsync(new Uri("/report", UriKind.Relative), cancellation);
        Assert.Equal("text/html; charset=utf-8", $"{report.Content.Headers.ContentType}");
        string page = await report.Content.ReadAsStringAsync(cancellation);
        Assert.Matches(@"· step ([2-9]|\d\d+) of 100,000 ·", WebUtility.HtmlDecode(page));
        Assert.Contains($"data-period=\"5000\" data-file=\"{workspace.In("run", "report.html")}\"", page, StringComparison.Ordinal);
        Assert.Contains("<polyline class=\"line s0\"", page, StringComparison.Ordinal);

        process.Send(DdpoProcess.Terminate);
        _ = process.WaitForExit().Ended(86);
        Assert.DoesNotContain("id=\"live\"", await File.ReadAllTextAsync(workspace.In("run", "report.html"), cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_port_answers_through_all_stages_of_a_run()
    {
        using Workspace workspace = new();
        workspace.Write((uninterrupted.Endless with { Cache = "latents" }).ToYaml().Replace("prefetchPairs: 128", "prefetchPairs: 8", StringComparison.Ordinal));
        using DdpoProcess process = DdpoProcess.Start("run", workspace.File, "--json", "--port", "0");
        using HttpClient client = new() { BaseAddress = new Uri((string)process.WaitForEvent("status")["url"]!) };
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        _ = process.WaitForEvent("prepare");
        Assert.Contains("<html", await client.GetStringAsync("/report", cancellation), StringComparison.Ordinal);
        process.WaitForStep(1);
        JsonNode status = JsonNode.Parse(await client.GetStringAsync("/status", cancellation))!;
        Assert.Equal(("Training", null), ((string?)status["phase"], status["preparation"]));
        Assert.Matches(@"(?m)^dpo_prepare_done\{work=""encoding images and prompts""\} [1-9]\d*$", await client.GetStringAsync("/metrics", cancellation));
        process.Send(DdpoProcess.Terminate);
        Assert.Single(process.WaitForExit().Ended(86).EventsOf("status"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("192.0.2.1")] // reserved for documentation: no machine has it
    public void A_port_that_cannot_be_had_is_one_line(string address)
    {
        using System.Net.Sockets.TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        string port = $"{((IPEndPoint)taken.LocalEndpoint).Port}";
        using Workspace workspace = uninterrupted.Again();
        Outcome outcome = DdpoProcess.Run("run", workspace.File, "--port", port, "--bind", address).Ended(78);
        Assert.StartsWith($"error: port {port} for metrics and status cannot be had", outcome.OneError(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.Run));
    }

    private static void IsStatus(JsonObject status, Workspace workspace)
    {
        Assert.Equal(["phase", "progress", "lastCheckpoint", "heldOut"], status.Select(field => field.Key));
        Assert.Equal("Training", (string?)status["phase"]);
        Assert.Equal(
            ["step", "totalSteps", "loss", "implicitAccuracy", "pairsPerSecond", "etaSeconds", "updatedAt"],
            status["progress"]!.AsObject().Select(field => field.Key));
        Assert.InRange((int)status["progress"]!["step"]!, 2, 100_000);
        Assert.Equal(["step", "uri", "sha256", "time", "worldSize"], status["lastCheckpoint"]!.AsObject().Select(field => field.Key));
        Assert.StartsWith(workspace.In("run", "checkpoints", "step-"), (string)status["lastCheckpoint"]!["uri"]!, StringComparison.Ordinal);
        Assert.Equal(["step", "pairs", "accuracy", "lower", "upper"], status["heldOut"]!.AsObject().Select(field => field.Key));
    }

    [GeneratedRegex(@"^# TYPE (\S+) ", RegexOptions.Multiline)]
    private static partial Regex TypeLine();
}
