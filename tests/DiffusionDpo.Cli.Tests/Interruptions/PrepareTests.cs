using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Interruptions;

public sealed class PrepareTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly string _yaml;

    public PrepareTests()
    {
        for (int shard = 0; shard < 3; shard++)
        {
            // The second shard holds two images of the first again, and one row that is no image.
            int first = shard == 0 ? 0 : (6 * shard) - 2;
            TinyData.Write(_workspace.In("data", $"{shard}.parquet"), 6, first, record => record.Caption == "a pattern number 8" ? record with { Image1 = [1, 2, 3] } : record);
        }

        TinyData.Write(_workspace.In("held-out.parquet"), 4, 100);
        _yaml = new TinyFineTune { Data = _workspace.In("data"), HeldOut = _workspace.In("held-out.parquet"), Steps = 2, Cache = "latents" }.ToYaml()
            .Replace("prefetchPairs: 128", $"prefetchPairs: 8\n    maxBadFraction: 0.2\n    crop: center\n    cacheUri: {_workspace.In("cache")}", StringComparison.Ordinal);
        _workspace.Write(_yaml);
    }

    private static bool IsLong => Environment.GetEnvironmentVariable("DDPO_LONG") == "1";

    [Fact]
    public void Killed_at_any_moment_and_completed_it_is_what_it_would_have_been()
    {
        DateTimeOffset started = TimeProvider.System.GetUtcNow();
        Outcome whole = DdpoProcess.Run("prepare", _workspace.File);
        Assert.True(whole.ExitCode == 0, whole.ToString());
        TimeSpan took = TimeProvider.System.GetUtcNow() - started;
        string[] expected = Objects(_workspace.In("cache"));
        Assert.Contains(expected, line => line.StartsWith("manifest.bin", StringComparison.Ordinal));
        Random random = new(5);
        int interrupted = 0;
        for (int round = 0; round < (IsLong ? 20 : 3); round++)
        {
            string cache = _workspace.In($"killed-{round}");
            string file = _workspace.In($"killed-{round}.yaml");
            File.WriteAllText(file, _yaml.Replace(_workspace.In("cache"), cache, StringComparison.Ordinal));
            for (int kill = 0; kill < 3; kill++) // what is there grows, so that later kills meet later moments
            {
                using DdpoProcess process = DdpoProcess.Start("prepare", file);
                TimeSpan moment = took * random.NextDouble();
                long began = TimeProvider.System.GetTimestamp();
                if (!process.WaitUntil(() => TimeProvider.System.GetElapsedTime(began) > moment)) continue;
                process.Send(DdpoProcess.Kill);
                process.WaitForExit();
                interrupted++;
            }

            Outcome completed = DdpoProcess.Run("prepare", file);
            Assert.True(completed.ExitCode == 0, completed.ToString());
            Assert.Equal(expected, Objects(cache));
        }

        Assert.True(interrupted > 0);
    }

    [Fact]
    public void Two_workers_make_what_one_makes_and_a_run_trains_from_it()
    {
        Outcome one = DdpoProcess.Run("prepare", _workspace.File);
        Assert.True(one.ExitCode == 0, one.ToString());
        string[] expected = Objects(_workspace.In("cache"));
        Directory.Delete(_workspace.In("cache"), recursive: true);
        using DdpoProcess first = DdpoProcess.Start("prepare", _workspace.File, "--worker", "0", "--workers", "2");
        using DdpoProcess second = DdpoProcess.Start("prepare", _workspace.File, "--worker", "1", "--workers", "2");
        Outcome[] outcomes = [first.WaitForExit(), second.WaitForExit()];
        Assert.All(outcomes, outcome => Assert.True(outcome.ExitCode == 0, outcome.ToString()));
        Assert.Equal(expected, Objects(_workspace.In("cache")));

        string facts = File.ReadAllText(Directory.GetFiles(_workspace.In("cache"), "facts.json", SearchOption.AllDirectories).Single(file => File.ReadAllText(file).Contains("\"shards\": 3", StringComparison.Ordinal)));
        Assert.Contains("\"badRows\": [", facts);
        Assert.Contains("jpg_1", facts);
        Assert.Contains("\"64x64\": ", facts);

        Outcome run = DdpoProcess.Run("run", _workspace.File, "--json");
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Single(run.EventsOf("prepared"));
        Assert.True(Directory.Exists(_workspace.Model));
    }

    [Fact]
    public void Changed_sources_and_a_damaged_object_are_refused_and_prepared_again()
    {
        Outcome run = DdpoProcess.Run("prepare", _workspace.File);
        Assert.True(run.ExitCode == 0, run.ToString());
        TinyData.Write(_workspace.In("data", "2.parquet"), 6, 50);
        Outcome again = DdpoProcess.Run("prepare", _workspace.File, "--json");
        Assert.True(again.ExitCode == 0, again.ToString());
        string part = Directory.GetFiles(_workspace.In("cache"), "00000-000.safetensors", SearchOption.AllDirectories).Where(file => file.Contains("images", StringComparison.Ordinal)).MaxBy(file => new FileInfo(file).Length)!;
        byte[] bytes = File.ReadAllBytes(part);
        for (int at = bytes.Length / 2; at < bytes.Length; at += 64) bytes[at] ^= 1;
        File.WriteAllBytes(part, bytes);
        Outcome damaged = DdpoProcess.Run("run", _workspace.File);
        Assert.NotEqual(0, damaged.ExitCode);
        Assert.Contains("is damaged at byte", damaged.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worker_answers_on_its_port_how_far_it_is(bool asPod)
    {
        string runFile = _workspace.In("prepare.json");
        await File.WriteAllTextAsync(runFile, RunPlan.For(FineTuneYaml.ReadFile(_workspace.File).OrThrow()).Stages[0].ToJson(), TestContext.Current.CancellationToken);
        // One of two workers: it waits for the other one's two shards for ever.
        using DdpoProcess process = asPod
            ? DdpoProcess.Start(DdpoProcess.Executable, ["train", "--run-file", runFile, "--port", "0", "--json"], ("DDPO_WORKERS", "2"), ("DDPO_WORKER_INDEX", "1"))
            : DdpoProcess.Start("prepare", _workspace.File, "--worker", "1", "--workers", "2", "--port", "0", "--json");
        using HttpClient client = new() { BaseAddress = new Uri((string)process.WaitForEvent("status")["url"]!) };
        Assert.Equal(2, (int)process.WaitForEvent("waiting")["missing"]!);
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Assert.Equal("ok\n", await client.GetStringAsync("/healthz", cancellation));
        JsonNode status = JsonNode.Parse(await client.GetStringAsync("/status", cancellation))!;
        Assert.Equal("Preparing", (string?)status["phase"]);
        Assert.Equal(("waiting for shards to be looked at", 0, 2), ((string?)status["preparation"]!["work"], (int)status["preparation"]!["done"]!, (int)status["preparation"]!["total"]!));
        Assert.Contains("dpo_prepare_done{work=\"looking at pairs\"} 6\n", await client.GetStringAsync("/metrics", cancellation), StringComparison.Ordinal);
        using HttpResponseMessage report = await client.GetAsync(new Uri("/report", UriKind.Relative), cancellation);
        Assert.Equal(HttpStatusCode.NotFound, report.StatusCode);
        process.Send(DdpoProcess.Terminate);
        _ = process.WaitForExit().Ended(86);
    }

    [Fact]
    public void A_worker_that_does_not_exist_is_refused() =>
        Assert.NotEqual(0, DdpoProcess.Run("prepare", _workspace.File, "--worker", "2", "--workers", "2").ExitCode);

    public void Dispose() => _workspace.Dispose();

    private static string[] Objects(string cache) =>
    [
        .. Directory.GetFiles(cache, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".ddpo-partial", StringComparison.Ordinal))
            .Select(file => $"{Path.GetFileName(file)} {Path.GetRelativePath(cache, file)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}").Order(StringComparer.Ordinal),
    ];
}
