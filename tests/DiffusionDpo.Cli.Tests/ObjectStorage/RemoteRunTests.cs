using Amazon.Runtime;
using Amazon.S3;
using Azure.Storage;
using Azure.Storage.Blobs;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Shared;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Transfers;
using Xunit;

namespace DiffusionDpo.Cli.Tests.ObjectStorage;

/// <summary>
/// Model, data, cache, checkpoints and output on a real server: killed after a checkpoint, gone on with on another machine (no file of the first is there), the weights are those
/// of the undisturbed run on files to the bit.
/// </summary>
public sealed class RemoteRunTests(UninterruptedRun uninterrupted)
{
    private const string Place = "runs";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task On_s3() => OnS3Async(Small);

    [Fact]
    public Task On_azure() => OnAzureAsync(Small);

    [Fact]
    public Task The_quickstart_on_s3() => OnS3Async(Quickstart());

    [Fact]
    public Task The_quickstart_on_azure() => OnAzureAsync(Quickstart());

    private RemoteScenario Small => new(
        root => (uninterrupted.FineTune with { Model = $"{root}/model", Data = $"{root}/data", HeldOut = $"{root}/held-out", Output = $"{root}/run", CheckpointEvery = 2, Cache = "latents" }).ToYaml(),
        new() { ["model"] = uninterrupted.FineTune.Model, ["data"] = uninterrupted.FineTune.Data, ["held-out"] = uninterrupted.FineTune.HeldOut },
        uninterrupted.Model,
        KillAt: 4,
        Threads: 1);

    /// <summary>What `make quickstart` has left, and the same file with addresses of a server.</summary>
    private static RemoteScenario Quickstart()
    {
        string made = Environment.GetEnvironmentVariable("DDPO_QUICKSTART") ?? "";
        Assert.SkipWhen(made.Length == 0, "DDPO_QUICKSTART names no directory of a finished quickstart; make quickstart-storage makes one");
        string yaml = File.ReadAllText(Repository.Path("examples/quickstart.yaml"));
        return new(
            root => yaml.Replace("shapes/model", $"{root}/model", StringComparison.Ordinal).Replace("../runs/quickstart", root, StringComparison.Ordinal),
            new() { ["model"] = Repository.Path("examples/shapes/model"), ["data/train"] = Path.Combine(made, "data", "train"), ["data/held-out"] = Path.Combine(made, "data", "held-out") },
            Path.Combine(made, "run", "model"),
            KillAt: 50,
            Threads: Environment.ProcessorCount);
    }

    private static async Task OnS3Async(RemoteScenario scenario)
    {
        StorageOptions options = new() { S3 = new() { Endpoint = ObjectServers.S3 } };
        using AmazonS3Client client = new(
            new BasicAWSCredentials(ObjectServers.S3AccessKey, ObjectServers.S3SecretKey),
            new AmazonS3Config { ServiceURL = options.S3.Endpoint, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        await client.PutBucketAsync(Place, Cancellation);
        await RunAsync(
            scenario, $"s3://{Place}/{Guid.NewGuid():n}", options, $"s3: {{ endpoint: {options.S3.Endpoint} }}",
            ("AWS_ACCESS_KEY_ID", ObjectServers.S3AccessKey), ("AWS_SECRET_ACCESS_KEY", ObjectServers.S3SecretKey));
    }

    private static async Task OnAzureAsync(RemoteScenario scenario)
    {
        StorageOptions options = new() { Azure = new() { Endpoint = ObjectServers.Azure } };
        BlobContainerClient container = new(
            new Uri($"{options.Azure.Endpoint}/{ObjectServers.AzureAccount}/{Place}"), new StorageSharedKeyCredential(ObjectServers.AzureAccount, ObjectServers.AzureKey));
        await container.CreateIfNotExistsAsync(cancellationToken: Cancellation);
        await RunAsync(
            scenario, $"az://{ObjectServers.AzureAccount}/{Place}/{Guid.NewGuid():n}", options, $"azure: {{ endpoint: {options.Azure.Endpoint} }}",
            ("AZURE_STORAGE_KEY", ObjectServers.AzureKey));
    }

    private static async Task RunAsync(RemoteScenario scenario, string root, StorageOptions options, string storage, params (string Name, string Value)[] credentials)
    {
        foreach ((string name, string value) in credentials) Environment.SetEnvironmentVariable(name, value);
        IObjectStore store = Stores.Of(options).For(StorageUri.Parse(root));
        foreach ((string name, string directory) in scenario.Uploads) await PutAsync(store, directory, $"{root}/{name}");
        using Workspace workspace = new Workspace().Write(scenario.Yaml(root) + $"\n  storage: {{ {storage} }}\n");

        // Another machine may have taken the run over by then: it stays claimed.
        using (DdpoProcess stopped = Start(scenario, workspace, "a machine that is drained"))
        {
            stopped.WaitForEvent("prepare");
            stopped.Send(DdpoProcess.Terminate);
            stopped.WaitForExit().Ended(86);
            Assert.NotEmpty(await GetAsync(store, $"{root}/run/run.json"));
        }

        using (DdpoProcess first = Start(scenario, workspace, "one machine"))
        {
            first.WaitForEvent("checkpoint", saved => (int)saved["step"]! >= scenario.KillAt);
            first.Send(DdpoProcess.Kill);
            Assert.Equal(128 + DdpoProcess.Kill, first.WaitForExit().ExitCode);
        }

        using DdpoProcess second = Start(scenario, workspace, "another machine");
        Outcome end = second.WaitForExit().Ended(0);
        Assert.True((int)end.EventsOf("step")[0]["step"]! > scenario.KillAt, "it began anew");
        Assert.Empty(Start(scenario, workspace, "a third machine").WaitForExit().EventsOf("step")); // nothing is left to do

        // A model that was made and did not arrive is not there: the next start brings it.
        await store.DeleteAsync(StorageUri.Parse($"{root}/run/model/model_index.json"), Cancellation);
        Assert.Empty(Start(scenario, workspace, "another machine").WaitForExit().Ended(0).EventsOf("step"));
        Assert.NotEmpty(await GetAsync(store, $"{root}/run/model/model_index.json"));

        Assert.Equal(File.ReadAllBytes(Path.Combine(scenario.Model, "unet", "diffusion_pytorch_model.safetensors")), await GetAsync(store, $"{root}/run/model/unet/diffusion_pytorch_model.safetensors"));
        foreach (string name in (string[])["run.json", "events.jsonl", "report.html", "model/README.md", "samples/prompts.json"])
            Assert.NotEmpty(await GetAsync(store, $"{root}/run/{name}"));
        string everything = string.Join('\n', end.Output.Concat(end.Errors)) + System.Text.Encoding.UTF8.GetString(await GetAsync(store, $"{root}/run/events.jsonl"));
        Assert.DoesNotContain(credentials[^1].Value, everything, StringComparison.Ordinal);
    }

    /// <summary>A run to be made on a server.</summary>
    /// <param name="Yaml">Its file without storage options, given the address of everything.</param>
    /// <param name="Uploads">Directories of this machine by their names below that address.</param>
    /// <param name="Model">The model that the undisturbed run on files has made.</param>
    /// <param name="KillAt">The step of the checkpoint after which it is killed.</param>
    /// <param name="Threads">Those of the undisturbed run: the same bits come of as many threads only.</param>
    private sealed record RemoteScenario(Func<string, string> Yaml, Dictionary<string, string> Uploads, string Model, int KillAt, int Threads);

    private static DdpoProcess Start(RemoteScenario scenario, Workspace workspace, string machine) =>
        DdpoProcess.Start(DdpoProcess.Executable, ["run", workspace.File, "--json", "--threads", $"{scenario.Threads}"], ("DDPO_CACHE", workspace.In(machine)));

    private static async Task PutAsync(IObjectStore store, string directory, string uri)
    {
        foreach (string file in Directory.GetFiles(directory, "*", SearchOption.AllDirectories))
            await FileTransfer.UploadAsync(store, file, StorageUri.Parse(uri).Combine(Path.GetRelativePath(directory, file)), Cancellation);
    }

    private static async Task<byte[]> GetAsync(IObjectStore store, string uri)
    {
        ObjectInfo info = await store.FindAsync(StorageUri.Parse(uri), Cancellation) ?? throw new InvalidOperationException($"{uri} is not there");
        byte[] bytes = new byte[info.Size];
        await store.ReadAsync(info, 0, bytes, Cancellation);
        return bytes;
    }
}
