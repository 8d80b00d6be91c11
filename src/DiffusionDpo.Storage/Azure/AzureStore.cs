using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Storage.Remote;

namespace DiffusionDpo.Storage.Azure;

/// <summary>
/// Azure Blob. An object of more than one part is a list of blocks, visible when the list is committed; blocks without a list are never seen and vanish
/// after a week. Creating if absent takes one request whatever the size.
/// </summary>
internal sealed class AzureStore : IObjectStore
{
    private const string Mark = "ddpo_write"; // metadata by which a writer knows its own object again
    private const int MostBlocks = 50_000; // Azure's limit
    private const int MostHashed = 4 << 20; // of a read: for more Azure gives no hash
    private static readonly UploadTransferValidationOptions Md5 = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 };
    private static readonly DownloadTransferValidationOptions Md5OfRange = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 };

    private readonly AzureAccess access;
    private readonly Retries retries;
    private readonly ConcurrentDictionary<string, RemoteCalls> calls = []; // by account and container

    /// <summary>The store with a service's options.</summary>
    /// <param name="options">The service.</param>
    /// <param name="retries">When to try again.</param>
    /// <param name="variable">Reads an environment variable; null: this process's.</param>
    public AzureStore(AzureOptions options, Retries retries, Func<string, string?>? variable = null)
    {
        access = new AzureAccess(options, variable ?? Environment.GetEnvironmentVariable);
        this.retries = retries;
    }

    /// <inheritdoc/>
    public async ValueTask<ObjectInfo?> FindAsync(StorageUri uri, CancellationToken cancellation = default) =>
        await PropertiesAsync(uri, cancellation).ConfigureAwait(false) is { } found ? new ObjectInfo(uri, found.ContentLength, TextOf(found.ETag)) : null;

    /// <inheritdoc/>
    public ValueTask ReadAsync(StorageUri uri, long offset, Memory<byte> destination, CancellationToken cancellation = default) =>
        ReadAsync(uri, offset, destination, null, cancellation);

    /// <inheritdoc/>
    public ValueTask ReadAsync(ObjectInfo info, long offset, Memory<byte> destination, CancellationToken cancellation = default) =>
        ReadAsync(info.Uri, offset, destination, info.ETag, cancellation);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default)
    {
        // All writers of a name share its uncommitted blocks: those of another are never taken for ours.
        var (writer, mark) = (Guid.NewGuid(), Guid.NewGuid().ToString("n"));
        var parts = new UploadStream((number, part, stop) => StageAsync(uri, IdOf(writer, number), number, part, stop), cancellation);
        await using (parts.ConfigureAwait(false))
        {
            try
            {
                await content(parts, cancellation).ConfigureAwait(false);
                cancellation.ThrowIfCancellationRequested();
                if (parts.Parts == 0)
                {
                    using var body = parts.Rest.Open();
                    await PutAsync(uri, body, isNew: false, cancellation).ConfigureAwait(false);
                    return;
                }

                await parts.CompleteAsync().ConfigureAwait(false);
                await CommitAsync(uri, [.. Enumerable.Range(0, parts.Parts).Select(number => IdOf(writer, number))], mark, cancellation).ConfigureAwait(false);
            }
            catch
            {
                await parts.AbandonAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CreateAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default)
    {
        if (await PropertiesAsync(uri, cancellation).ConfigureAwait(false) is not null) return false;
        var body = await Spool.FillAsync(content, cancellation).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
            return await PutAsync(uri, body, isNew: true, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(StorageUri directory, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var prefix = directory.Key.Length == 0 ? "" : directory.Key + "/";
        string? next = null;
        do
        {
            var page = await CallAsync(directory, 0, token => PageAsync(directory, prefix, next, token), cancellation).ConfigureAwait(false);
            foreach (var found in page.Values.Where(found => !IsDirectory(found)))
                yield return new ObjectInfo(directory.Combine(found.Name[prefix.Length..]), found.Properties.ContentLength ?? 0, TextOf(found.Properties.ETag ?? default));
            next = page.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(next));
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(StorageUri uri, CancellationToken cancellation = default) => await CallAsync(
        uri, 0, async token => (await BlobOf(uri).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: token).ConfigureAwait(false)).Value, cancellation).ConfigureAwait(false);

    private ValueTask<T> CallAsync<T>(StorageUri uri, long bytes, Func<CancellationToken, ValueTask<T>> request, CancellationToken cancellation)
    {
        var endpoint = access.EndpointOf(uri);
        return calls.GetOrAdd(uri.Place, _ => new RemoteCalls(endpoint, retries)).RunAsync(uri, bytes, request, exception => AzureFailure.Of(exception, uri, endpoint), cancellation);
    }

    private BlockBlobClient BlobOf(StorageUri uri) => access.For(uri).GetBlockBlobClient(uri.Key);

    private async ValueTask<BlobProperties?> PropertiesAsync(StorageUri uri, CancellationToken cancellation)
    {
        if (uri.Key.Length == 0) return null;
        return await CallAsync<BlobProperties?>(uri, 0, FindAsync, cancellation).ConfigureAwait(false);

        async ValueTask<BlobProperties?> FindAsync(CancellationToken token)
        {
            try
            {
                return (await BlobOf(uri).GetPropertiesAsync(cancellationToken: token).ConfigureAwait(false)).Value;
            }
            catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.BlobNotFound)
            {
                return null;
            }
        }
    }

    private async ValueTask<Page<BlobItem>> PageAsync(StorageUri directory, string prefix, string? next, CancellationToken cancellation)
    {
        var options = new GetBlobsOptions { Prefix = prefix, Traits = BlobTraits.Metadata };
        await foreach (var page in access.For(directory).GetBlobsAsync(options, cancellation).AsPages(next).ConfigureAwait(false))
            return page;
        throw new RemoteFailure(ExitClass.StorageError, "cannot be listed: the service answers with no page; check storage.azure.endpoint");
    }

    // Accounts with a hierarchical name space list directories among the blobs.
    private static bool IsDirectory(BlobItem item) =>
        item.Name.EndsWith('/') || (item.Metadata is { } metadata && metadata.TryGetValue("hdi_isfolder", out var value) && value == "true");

    private async ValueTask ReadAsync(StorageUri uri, long offset, Memory<byte> destination, string? version, CancellationToken cancellation)
    {
        if (destination.Length == 0)
        {
            if (await FindAsync(uri, cancellation).ConfigureAwait(false) is null) throw new RunException(ExitClass.InputMissing, $"{uri} does not exist; check the URI");
            return;
        }

        var read = new RangedRead(offset, destination, version);
        await CallAsync(uri, destination.Length, token => read.TryAsync(OpenAsync, token), cancellation).ConfigureAwait(false);

        async ValueTask<ObjectRange> OpenAsync(long start, int count, string? tag, CancellationToken token)
        {
            try
            {
                var options = new BlobDownloadOptions
                {
                    Range = new HttpRange(start, count),
                    Conditions = tag is null ? null : new BlobRequestConditions { IfMatch = new ETag(tag) },
                    TransferValidation = count <= MostHashed ? Md5OfRange : null,
                };
                var response = (await BlobOf(uri).DownloadStreamingAsync(options, token).ConfigureAwait(false)).Value;
                var (first, total) = ObjectRange.Parse(response.Details.ContentRange);
                return new ObjectRange(response.Content, TextOf(response.Details.ETag), first, total, response);
            }
            catch (RequestFailedException exception) when (exception.Status == 412)
            {
                throw new VersionChangedException();
            }
        }
    }

    private async Task StageAsync(StorageUri uri, string id, int number, PartBuffer part, CancellationToken cancellation)
    {
        if (number >= MostBlocks)
            throw new RunException(ExitClass.StorageError, $"{uri} cannot be written: it has more than {PartPlan.TotalOf(MostBlocks) >> 30} GiB; cut it");
        await CallAsync(uri, part.Length, SendAsync, cancellation).ConfigureAwait(false);

        async ValueTask<bool> SendAsync(CancellationToken token)
        {
            using var body = part.Open();
            await BlobOf(uri).StageBlockAsync(id, body, new BlockBlobStageBlockOptions { TransferValidation = Md5 }, token).ConfigureAwait(false);
            return true;
        }
    }

    private async Task CommitAsync(StorageUri uri, string[] ids, string mark, CancellationToken cancellation)
    {
        var options = new CommitBlockListOptions { Metadata = new Dictionary<string, string> { [Mark] = mark } };
        try
        {
            await CallAsync(uri, 0, async token => await BlobOf(uri).CommitBlockListAsync(ids, options, token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }
        catch (RunException) when (!cancellation.IsCancellationRequested)
        {
            // An earlier try may have arrived although its answer did not.
            if (await IsOursAsync(uri, mark, cancellation).ConfigureAwait(false)) return;
            throw;
        }
    }

    /// <returns>False where an object is there and must not be.</returns>
    private async ValueTask<bool> PutAsync(StorageUri uri, Stream body, bool isNew, CancellationToken cancellation)
    {
        var mark = Guid.NewGuid().ToString("n");
        var options = new BlobUploadOptions
        {
            Metadata = new Dictionary<string, string> { [Mark] = mark },
            Conditions = isNew ? new BlobRequestConditions { IfNoneMatch = ETag.All } : null,
            TransferValidation = Md5,
            TransferOptions = new StorageTransferOptions { InitialTransferSize = long.MaxValue, MaximumTransferSize = long.MaxValue, MaximumConcurrency = 1 }, // one request
        };
        return await CallAsync(uri, body.Length, SendAsync, cancellation).ConfigureAwait(false) || await IsOursAsync(uri, mark, cancellation).ConfigureAwait(false);

        async ValueTask<bool> SendAsync(CancellationToken token)
        {
            body.Position = 0;
            try
            {
                await BlobOf(uri).UploadAsync(body, options, token).ConfigureAwait(false);
                return true;
            }
            catch (RequestFailedException exception) when (isNew && (exception.Status == 412 || exception.ErrorCode == BlobErrorCode.BlobAlreadyExists))
            {
                return false;
            }
        }
    }

    private async ValueTask<bool> IsOursAsync(StorageUri uri, string mark, CancellationToken cancellation) =>
        await PropertiesAsync(uri, cancellation).ConfigureAwait(false) is { } found && found.Metadata.TryGetValue(Mark, out var value) && value == mark;

    private static string IdOf(Guid writer, int number) => Convert.ToBase64String([.. writer.ToByteArray(), .. BitConverter.GetBytes(number)]);

    private static string TextOf(ETag tag) => tag.ToString("G").Trim('"');
}
