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
    public async Task On_s3()
    {
        StorageOptions options = new() { S3 = new() { Endpoint = ObjectServers.S3 } };
        using AmazonS3Client client = new(
            new BasicAWSCredentials(ObjectServers.S3AccessKey, ObjectServers.S3SecretKey),
            new AmazonS3Config { ServiceURL = options.S3.Endpoint, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        await client.PutBucketAsync(Place, Cancellation);
        await RunAsync(
            $"s3://{Place}/{Guid.NewGuid():n}", options, $"s3: {{ endpoint: {options.S3.Endpoint} }}",
            ("AWS_ACCESS_KEY_ID", ObjectServers.S3AccessKey), ("AWS_SECRET_ACCESS_KEY", ObjectServers.S3SecretKey));
    }

    [Fact]
    public async Task On_azure()
    {
        StorageOptions options = new() { Azure = new() { Endpoint = ObjectServers.Azure } };
        BlobContainerClient container = new(
            new Uri($"{options.Azure.Endpoint}/{ObjectServers.AzureAccount}/{Place}"), new StorageSharedKeyCredential(ObjectServers.AzureAccount, ObjectServers.AzureKey));
        await container.CreateIfNotExistsAsync(cancellationToken: Cancellation);
        await RunAsync(
            $"az://{ObjectServers.AzureAccount}/{Place}/{Guid.NewGuid():n}", options, $"azure: {{ endpoint: {options.Azure.Endpoint} }}",
            ("AZURE_STORAGE_KEY", ObjectServers.AzureKey));
    }

    private async Task RunAsync(string root, StorageOptions options, string storage, params (string Name, string Value)[] credentials)
    {
        foreach ((string name, string value) in credentials) Environment.SetEnvironmentVariable(name, value);
        IObjectStore store = Stores.Of(options).For(StorageUri.Parse(root));
        TinyFineTune local = uninterrupted.FineTune;
        await PutAsync(store, local.Model, $"{root}/model");
        await PutAsync(store, local.Data, $"{root}/data");
        await PutAsync(store, local.HeldOut, $"{root}/held-out");
        TinyFineTune remote = local with { Model = $"{root}/model", Data = $"{root}/data", HeldOut = $"{root}/held-out", Output = $"{root}/run", CheckpointEvery = 2, Cache = "latents" };
        using Workspace workspace = new Workspace().Write(remote.ToYaml() + $"\n  storage: {{ {storage} }}\n");

        using (DdpoProcess first = Start(workspace, "one machine"))
        {
            first.WaitForEvent("checkpoint", saved => (int)saved["step"]! >= 4);
            first.Send(DdpoProcess.Kill);
            Assert.Equal(128 + DdpoProcess.Kill, first.WaitForExit().ExitCode);
        }

        using DdpoProcess second = Start(workspace, "another machine");
        Outcome end = second.WaitForExit().Ended(0);
        Assert.True((int)end.EventsOf("step")[0]["step"]! > 4, "it began anew");
        Assert.Empty(Start(workspace, "a third machine").WaitForExit().EventsOf("step")); // nothing is left to do

        Assert.Equal(File.ReadAllBytes(Path.Combine(uninterrupted.Model, "unet", "diffusion_pytorch_model.safetensors")), await GetAsync(store, $"{root}/run/model/unet/diffusion_pytorch_model.safetensors"));
        foreach (string name in (string[])["run.json", "events.jsonl", "report.html", "model/README.md", "samples/prompts.json"])
            Assert.NotEmpty(await GetAsync(store, $"{root}/run/{name}"));
        string everything = string.Join('\n', end.Output.Concat(end.Errors)) + System.Text.Encoding.UTF8.GetString(await GetAsync(store, $"{root}/run/events.jsonl"));
        Assert.DoesNotContain(credentials[^1].Value, everything, StringComparison.Ordinal);
    }

    private static DdpoProcess Start(Workspace workspace, string machine) => DdpoProcess.Start(DdpoProcess.Executable, ["run", workspace.File, "--json"], ("DDPO_CACHE", workspace.In(machine)));

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
