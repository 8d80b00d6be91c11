using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Shared;
using DiffusionDpo.Storage.Azure;
using DiffusionDpo.Storage.Remote;
using Xunit;

namespace DiffusionDpo.Storage.Tests.Faults;

/// <summary>Faults before Azurite, and signatures that allow little.</summary>
public sealed class AzureFaultTests : RemoteFaultContract, IAsyncLifetime
{
    private const string Container = "faults";

    private readonly BlobContainerClient client = new(
        new Uri($"{ObjectServers.Azure}/{ObjectServers.AzureAccount}/{Container}"), new StorageSharedKeyCredential(ObjectServers.AzureAccount, ObjectServers.AzureKey));

    protected override IObjectStore Store { get; } = StoreOf(ObjectServers.Azure, TimeProvider.System, "AZURE_STORAGE_KEY", ObjectServers.AzureKey);

    protected override StorageUri Root { get; } = StorageUri.Parse($"az://{ObjectServers.AzureAccount}/{Container}/{Guid.NewGuid():n}");

    private protected override Uri Server => new(ObjectServers.Azure);

    /// <summary>Azure says no more than that authentication failed; its own time stands in the head.</summary>
    private protected override Fault Skewed { get; } =
        new Fault.Answer(403, "AuthenticationFailed", $"Date: {TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1):R}");

    public async ValueTask InitializeAsync() => await client.CreateIfNotExistsAsync(cancellationToken: Stop);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_signature_that_allows_reading_does_not_allow_more_and_is_not_repeated()
    {
        var uri = await PutAsync([1]);
        var signature = client.GenerateSasUri(BlobContainerSasPermissions.Read, TimeProvider.System.GetUtcNow().AddHours(1)).Query;
        var store = StoreOf(ObjectServers.Azure, TimeProvider.System, "AZURE_STORAGE_SAS_TOKEN", signature);
        Assert.Equal([1], await BytesOfAsync(store, uri));
        Func<ValueTask>[] denied =
        [
            () => store.WriteAsync(uri, Bytes([2]), Stop),
            () => store.WriteAsync(uri, Bytes(new byte[9 << 20]), Stop),
            () => store.DeleteAsync(uri, Stop),
            async () => await store.CreateAsync(Root.Combine("other"), Bytes([2]), Stop),
        ];
        foreach (var each in denied) IsNotRepeated(signature, await Assert.ThrowsAsync<RunException>(async () => await each()));
        Assert.Equal([1], await BytesOfAsync(Store, uri));
    }

    [Fact]
    public async Task A_signature_is_not_repeated_when_the_service_fails()
    {
        var uri = await PutAsync([1]);
        var signature = client.GenerateSasUri(BlobContainerSasPermissions.All, TimeProvider.System.GetUtcNow().AddHours(1)).Query;
        foreach (Fault fault in new Fault[] { new Fault.Drop(), new Fault.Answer(500, "InternalError"), new Fault.Answer(418, "Teapot") })
        {
            using var proxy = new FaultyProxy(Server, new Rule(_ => true, fault));
            var store = StoreOf(proxy.Address, new RecordingTime(), "AZURE_STORAGE_SAS_TOKEN", signature);
            var failure = await Assert.ThrowsAsync<RunException>(async () => await store.ReadAsync(uri, 0, new byte[1], Stop));
            Assert.DoesNotContain("sig=", failure.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(4 << 20)]
    public async Task A_read_of_up_to_4_MiB_that_came_with_another_byte_is_tried_again(int size)
    {
        var content = new byte[size];
        var uri = await PutAsync(content);
        using var proxy = new FaultyProxy(Server, new Rule(asked => asked.IsRead, new Fault.Flip(size - 1), 2));
        Assert.Equal(content, await BytesOfAsync(StoreAt(proxy.Address, new RecordingTime()), uri));
        Assert.True(proxy.IsPlayed);
    }

    [Fact]
    public async Task A_read_that_always_comes_with_another_byte_fails()
    {
        var uri = await PutAsync(new byte[100]);
        using var proxy = new FaultyProxy(Server, new Rule(asked => asked.IsRead, new Fault.Flip(7)));
        await FailsAsync(ExitClass.StorageError, uri, () => StoreAt(proxy.Address, new RecordingTime()).ReadAsync(uri, 0, new byte[100], Stop));
    }

    protected override IObjectStore StoreAt(string endpoint, TimeProvider time) => StoreOf(endpoint, time, "AZURE_STORAGE_KEY", ObjectServers.AzureKey);

    /// <summary>Blocks without a list cannot be removed, are seen by nobody, and vanish after a week.</summary>
    protected override Task NothingIsUnfinishedAsync() => Task.CompletedTask;

    private static void IsNotRepeated(string signature, RunException failure)
    {
        Assert.Equal(ExitClass.AuthError, failure.ExitClass);
        Assert.DoesNotContain("sig=", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(signature[(signature.IndexOf("sig=", StringComparison.Ordinal) + 4)..], failure.ToString(), StringComparison.Ordinal);
    }

    private static AzureStore StoreOf(string endpoint, TimeProvider time, string variable, string secret) => new(
        new AzureOptions { Endpoint = endpoint }, new Retries(time, TimeSpan.FromMilliseconds(200)), name => name == variable ? secret : null);
}
