using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Storage.Azure;

/// <summary>
/// Clients of containers, and who they say they are: AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY and AZURE_STORAGE_SAS_TOKEN where these are of the
/// account, else Azure's own chain (environment, workload identity, managed identity, developer tools).
/// </summary>
/// <param name="options">The service.</param>
/// <param name="variable">Reads an environment variable.</param>
internal sealed class AzureAccess(AzureOptions options, Func<string, string?> variable)
{
    private const string ConnectionStringVariable = "AZURE_STORAGE_CONNECTION_STRING";
    private static readonly TimeSpan NoLimit = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<string, BlobContainerClient> containers = [];
    private readonly Lazy<TokenCredential> identity = new(() => new DefaultAzureCredential());

    /// <summary>The client of account/container.</summary>
    /// <exception cref="RunException">Configuration error: a variable of the environment cannot be understood.</exception>
    public BlobContainerClient For(StorageUri uri) => containers.GetOrAdd(uri.Place, place => Make(place.Split('/')));

    /// <summary>The service in words.</summary>
    public string EndpointOf(StorageUri uri) => For(uri).Uri.GetLeftPart(UriPartial.Authority);

    private BlobContainerClient Make(string[] place)
    {
        var (account, container, client) = (place[0], place[1], ClientOptions());
        if (OfConnectionString(account, client) is { } service) return service.GetBlobContainerClient(container);
        var uri = new Uri($"{AddressOf(account)}/{container}");
        var named = variable("AZURE_STORAGE_ACCOUNT");
        if (string.IsNullOrEmpty(named) || named == account)
        {
            if (variable("AZURE_STORAGE_KEY") is { Length: > 0 } key) return new BlobContainerClient(uri, Key(account, key), client);
            if (variable("AZURE_STORAGE_SAS_TOKEN") is { Length: > 0 } signature) return new BlobContainerClient(uri, new AzureSasCredential(signature), client);
        }

        if (uri.Scheme == Uri.UriSchemeHttp)
            throw new RunException(ExitClass.ConfigurationError, $"az://{account}: an identity is not sent over http://; set AZURE_STORAGE_KEY, or give an https:// address in storage.azure.endpoint");
        return new BlobContainerClient(uri, identity.Value, client);
    }

    private string AddressOf(string account)
    {
        if (options.Endpoint.Length == 0) return $"https://{account}.blob.core.windows.net";
        var endpoint = options.Endpoint.TrimEnd('/');
        return endpoint.Contains("{account}", StringComparison.Ordinal) ? endpoint.Replace("{account}", account, StringComparison.Ordinal) : $"{endpoint}/{account}";
    }

    private BlobServiceClient? OfConnectionString(string account, BlobClientOptions client)
    {
        if (variable(ConnectionStringVariable) is not { Length: > 0 } text) return null;
        BlobServiceClient service;
        try
        {
            service = new BlobServiceClient(text, client);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            // Its message may repeat parts of the string.
            throw new RunException(ExitClass.ConfigurationError, $"az://{account}: {ConnectionStringVariable} is no connection string; copy it anew from the account's access keys");
        }

        return service.AccountName == account ? service : null;
    }

    private static StorageSharedKeyCredential Key(string account, string key)
    {
        try
        {
            return new StorageSharedKeyCredential(account, key);
        }
        catch (FormatException)
        {
            throw new RunException(ExitClass.ConfigurationError, $"az://{account}: AZURE_STORAGE_KEY is no account key; copy it anew from the account's access keys");
        }
    }

    private static BlobClientOptions ClientOptions()
    {
        var client = new BlobClientOptions();
        client.Retry.MaxRetries = 0; // Retries
        client.Retry.NetworkTimeout = NoLimit; // Attempt
        return client;
    }
}
