using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using DiffusionDpo.Api.Options;

namespace Benchmarks.Servers;

/// <summary>Azure Blob and its BlobClient; the emulator's account, with the key of the environment.</summary>
internal sealed class AzureServer(string endpoint) : IObjectServer
{
    private const string Account = "devstoreaccount1", Container = "benchmarks";

    private readonly BlobContainerClient _client = new(
        new Uri($"{endpoint}/{Account}/{Container}"), new StorageSharedKeyCredential(Account, Environment.GetEnvironmentVariable("AZURE_STORAGE_KEY")));

    public string Name => "Azure";

    public StorageOptions Options { get; } = new() { Azure = new AzureOptions { Endpoint = endpoint } };

    public string Place => $"az://{Account}/{Container}";

    public Task PrepareAsync() => _client.CreateIfNotExistsAsync();

    public async Task UploadAsync(string path, string key) => await _client.GetBlobClient(key).UploadAsync(path, new BlobUploadOptions
    {
        TransferOptions = new StorageTransferOptions
        {
            MaximumConcurrency = IObjectServer.PartsAtOnce, MaximumTransferSize = IObjectServer.PartBytes, InitialTransferSize = IObjectServer.PartBytes,
        },
    });
}
