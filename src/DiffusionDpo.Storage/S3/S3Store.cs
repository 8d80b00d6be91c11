using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Storage.Remote;

namespace DiffusionDpo.Storage.S3;

/// <summary>
/// S3 and services with its interface. An object of more than one part is a multipart upload, visible when it is completed. Creating if absent takes one
/// request whatever the size, because of two completions of multipart uploads some services let both succeed.
/// </summary>
internal sealed class S3Store : IObjectStore
{
    private readonly S3Clients clients;
    private readonly RemoteCalls calls;
    private readonly ConcurrentDictionary<string, bool> known = []; // buckets that have answered

    /// <summary>The store with a service's options.</summary>
    /// <param name="options">The service.</param>
    /// <param name="retries">When to try again.</param>
    /// <param name="credentials">Credentials of a test; null: the default chain's.</param>
    public S3Store(S3Options options, Retries retries, AWSCredentials? credentials = null)
    {
        clients = new S3Clients(options, credentials);
        calls = new RemoteCalls(clients.Endpoint, retries);
    }

    /// <inheritdoc/>
    public async ValueTask<ObjectInfo?> FindAsync(StorageUri uri, CancellationToken cancellation = default) =>
        (await HeadAsync(uri, cancellation).ConfigureAwait(false)) is { } head ? new ObjectInfo(uri, head.ContentLength, head.ETag) : null;

    /// <inheritdoc/>
    public ValueTask ReadAsync(StorageUri uri, long offset, Memory<byte> destination, CancellationToken cancellation = default) =>
        ReadAsync(uri, offset, destination, null, cancellation);

    /// <inheritdoc/>
    public ValueTask ReadAsync(ObjectInfo info, long offset, Memory<byte> destination, CancellationToken cancellation = default) =>
        ReadAsync(info.Uri, offset, destination, info.ETag, cancellation);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default)
    {
        var upload = new S3Upload(uri, this);
        var parts = new UploadStream(upload.SendAsync, cancellation);
        await using (parts.ConfigureAwait(false))
        {
            try
            {
                await content(parts, cancellation).ConfigureAwait(false);
                cancellation.ThrowIfCancellationRequested();
                if (parts.Parts == 0)
                {
                    using var body = parts.Rest.Open();
                    await PutAsync(uri, body, S3Upload.Md5Of(parts.Rest.Span), condition: null, cancellation).ConfigureAwait(false);
                    return;
                }

                await parts.CompleteAsync().ConfigureAwait(false);
                await upload.CompleteAsync(parts.Written, cancellation).ConfigureAwait(false);
            }
            catch
            {
                await parts.AbandonAsync().ConfigureAwait(false);
                await upload.AbortAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CreateAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default)
    {
        if (await HeadAsync(uri, cancellation).ConfigureAwait(false) is not null) return false;
        var body = await Spool.FillAsync(content, cancellation).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var hash = Convert.ToBase64String(await S3Upload.Md5OfAsync(body, cancellation).ConfigureAwait(false));
            return await PutAsync(uri, body, hash, "*", cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(StorageUri directory, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        string? next = null;
        do
        {
            var request = new ListObjectsV2Request { BucketName = directory.Place, Prefix = directory.Key.Length == 0 ? "" : directory.Key + "/", ContinuationToken = next };
            var page = await CallAsync(directory, 0, (client, token) => client.ListObjectsV2Async(request, token), cancellation).ConfigureAwait(false);
            known[directory.Place] = true;
            // Some consoles make an object for a directory. Nothing found is null, not empty.
            foreach (var found in (page.S3Objects ?? []).Where(found => !found.Key.EndsWith('/')))
                yield return new ObjectInfo(directory.Combine(found.Key[request.Prefix.Length..]), found.Size ?? 0, found.ETag);
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(StorageUri uri, CancellationToken cancellation = default) =>
        await CallAsync(uri, 0, (client, token) => client.DeleteObjectAsync(uri.Place, uri.Key, token), cancellation).ConfigureAwait(false);

    /// <summary>One request, as often as it takes.</summary>
    internal async ValueTask<T> CallAsync<T>(StorageUri uri, long bytes, Func<AmazonS3Client, CancellationToken, Task<T>> request, CancellationToken cancellation)
    {
        var result = await calls.RunAsync(
            uri, bytes, async token => await request(clients.For(uri.Place), token).ConfigureAwait(false), exception => S3Failure.Of(exception, uri, clients), cancellation).ConfigureAwait(false);
        clients.Accept();
        return result;
    }

    /// <summary>Whether payloads need a signature of their own.</summary>
    internal bool SignsPayloads => !clients.IsEncrypted;

    /// <summary>What is known of an object, or null.</summary>
    internal async ValueTask<GetObjectMetadataResponse?> HeadAsync(StorageUri uri, CancellationToken cancellation)
    {
        if (uri.Key.Length == 0) return null;
        var head = await CallAsync(uri, 0, (client, token) => HeadAsync(client, uri, token), cancellation).ConfigureAwait(false);
        // Asked for the head of an object, S3 does not say whether it is the object that is missing, or the bucket.
        if (head is null && !known.ContainsKey(uri.Place)) await CheckBucketAsync(uri, cancellation).ConfigureAwait(false);
        if (head is not null) known[uri.Place] = true;
        return head;
    }

    private static async Task<GetObjectMetadataResponse?> HeadAsync(AmazonS3Client client, StorageUri uri, CancellationToken cancellation)
    {
        try
        {
            return await client.GetObjectMetadataAsync(uri.Place, uri.Key, cancellation).ConfigureAwait(false);
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest)
        {
            // The answer to HEAD has no body that says why; the answer to this has.
            using var response = await client.GetObjectAsync(RangeOf(uri, 0, 1, null), cancellation).ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask CheckBucketAsync(StorageUri uri, CancellationToken cancellation)
    {
        try
        {
            await CallAsync(uri, 0, (client, token) => client.ListObjectsV2Async(new() { BucketName = uri.Place, Prefix = uri.Key, MaxKeys = 1 }, token), cancellation).ConfigureAwait(false);
        }
        catch (RunException failure) when (failure.ExitClass == ExitClass.AuthError)
        {
            // Who may not list may still read and write.
        }

        known[uri.Place] = true;
    }

    private async ValueTask ReadAsync(StorageUri uri, long offset, Memory<byte> destination, string? version, CancellationToken cancellation)
    {
        if (destination.Length == 0)
        {
            if (await FindAsync(uri, cancellation).ConfigureAwait(false) is null) throw new RunException(ExitClass.InputMissing, $"{uri} does not exist; check the URI");
            return;
        }

        var read = new RangedRead(offset, destination, version);
        await calls.RunAsync(uri, destination.Length, token => read.TryAsync(OpenAsync, token), exception => S3Failure.Of(exception, uri, clients), cancellation).ConfigureAwait(false);

        async ValueTask<ObjectRange> OpenAsync(long start, int count, string? tag, CancellationToken token)
        {
            try
            {
                var response = await clients.For(uri.Place).GetObjectAsync(RangeOf(uri, start, count, tag), token).ConfigureAwait(false);
                known[uri.Place] = true;
                var (first, total) = ObjectRange.Parse(response.ContentRange);
                return new ObjectRange(response.ResponseStream, response.ETag, first, total, response);
            }
            catch (AmazonS3Exception exception) when (S3Failure.IsPrecondition(exception))
            {
                throw new VersionChangedException();
            }
        }
    }

    private static GetObjectRequest RangeOf(StorageUri uri, long start, int count, string? tag) =>
        new() { BucketName = uri.Place, Key = uri.Key, ByteRange = new ByteRange(start, start + count - 1), EtagToMatch = tag };

    /// <returns>False where an object is there and must not be.</returns>
    private async ValueTask<bool> PutAsync(StorageUri uri, Stream body, string hash, string? condition, CancellationToken cancellation)
    {
        var mark = Guid.NewGuid().ToString("n");
        return await CallAsync(uri, body.Length, TryAsync, cancellation).ConfigureAwait(false)
            // An earlier try may have arrived although its answer did not: then the object that is there is ours.
            || (await HeadAsync(uri, cancellation).ConfigureAwait(false))?.Metadata[S3Upload.Mark] == mark;

        async Task<bool> TryAsync(AmazonS3Client client, CancellationToken token)
        {
            body.Position = 0;
            var request = new PutObjectRequest
            {
                BucketName = uri.Place, Key = uri.Key, InputStream = body, AutoCloseStream = false, MD5Digest = hash, IfNoneMatch = condition, DisablePayloadSigning = SignsPayloads ? null : true,
            };
            request.Metadata[S3Upload.Mark] = mark;
            try
            {
                await client.PutObjectAsync(request, token).ConfigureAwait(false);
                return true;
            }
            catch (AmazonS3Exception exception) when (condition is not null && S3Failure.IsPrecondition(exception))
            {
                return false;
            }
        }
    }
}
