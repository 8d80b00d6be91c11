using Azure.Storage;
using Azure.Storage.Blobs;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Shared;
using DiffusionDpo.Storage.Azure;
using DiffusionDpo.Storage.Remote;
using Xunit;

namespace DiffusionDpo.Storage.Tests;

/// <summary>The contract on Azurite.</summary>
public sealed class AzureStoreTests : RemoteStoreContract, IAsyncLifetime
{
    private const string Container = "contract";

    protected override IObjectStore Store { get; } = StoreOf(ObjectServers.Azure, ObjectServers.AzureKey);

    protected override StorageUri Root { get; } = StorageUri.Parse($"az://{ObjectServers.AzureAccount}/{Container}/{Guid.NewGuid():n}");

    protected override StorageUri MissingPlace => StorageUri.Parse($"az://{ObjectServers.AzureAccount}/no-such-container/object");

    private protected override Uri Server => new(ObjectServers.Azure);

    public async ValueTask InitializeAsync() => await new BlobContainerClient(
            new Uri($"{ObjectServers.Azure}/{ObjectServers.AzureAccount}/{Container}"), new StorageSharedKeyCredential(ObjectServers.AzureAccount, ObjectServers.AzureKey))
        .CreateIfNotExistsAsync(cancellationToken: Cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_wrong_key_is_an_auth_error_that_does_not_repeat_it()
    {
        var uri = Root.Combine("object");
        var wrong = Convert.ToBase64String(new byte[64]);
        var failure = await FailsAsync(ExitClass.AuthError, uri, () => StoreOf(ObjectServers.Azure, wrong).WriteAsync(uri, Text("x"), Cancellation));
        Assert.DoesNotContain(wrong, failure.ToString(), StringComparison.Ordinal);
    }

    protected override IObjectStore StoreAt(string endpoint) => StoreOf(endpoint, ObjectServers.AzureKey);

    private static AzureStore StoreOf(string endpoint, string key) => new(
        new AzureOptions { Endpoint = endpoint }, new Retries(TimeProvider.System, TimeSpan.FromMilliseconds(1)), variable => variable == "AZURE_STORAGE_KEY" ? key : null);
}
