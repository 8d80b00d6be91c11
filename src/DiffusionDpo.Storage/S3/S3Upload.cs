using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Amazon.S3.Model;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Storage.Remote;

namespace DiffusionDpo.Storage.S3;

/// <summary>One multipart upload: begun with its first part, visible when completed, removed when aborted.</summary>
/// <param name="uri">The object.</param>
/// <param name="store">Where it goes.</param>
internal sealed class S3Upload(StorageUri uri, S3Store store)
{
    /// <summary>Metadata by which a writer knows its own object again.</summary>
    public const string Mark = "ddpo-write";

    private const int MostParts = 10_000; // S3's limit
    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(30);

    private readonly string mark = Guid.NewGuid().ToString("n");
    private readonly ConcurrentBag<PartETag> tags = [];
    private readonly Lock beginning = new();
    private Task<string>? begun;

    /// <summary>The MD5 that a service checks a body with, in base 64.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "Against broken transfers, not against attackers: S3 takes no other.")]
    public static string Md5Of(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(MD5.HashData(bytes));

    /// <summary>The same of a stream, in bytes.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "Against broken transfers, not against attackers: S3 takes no other.")]
    public static async Task<byte[]> Md5OfAsync(Stream stream, CancellationToken cancellation) => await MD5.HashDataAsync(stream, cancellation).ConfigureAwait(false);

    /// <summary>Sends a part.</summary>
    /// <param name="number">Its number from 0.</param>
    /// <param name="part">Its bytes.</param>
    /// <param name="cancellation">Abandons it.</param>
    public async Task SendAsync(int number, PartBuffer part, CancellationToken cancellation)
    {
        if (number >= MostParts)
            throw new RunException(ExitClass.StorageError, $"{uri} cannot be written: it has more than {PartPlan.TotalOf(MostParts) >> 30} GiB; cut it");
        var id = await BegunAsync(cancellation).ConfigureAwait(false);
        var hash = store.SignsPayloads ? null : Md5Of(part.Span); // a signature is a hash too
        var response = await store.CallAsync(
            uri,
            part.Length,
            async (client, token) =>
            {
                using var body = part.Open();
                return await client.UploadPartAsync(
                    new()
                    {
                        BucketName = uri.Place, Key = uri.Key, UploadId = id, PartNumber = number + 1, InputStream = body, PartSize = part.Length, MD5Digest = hash,
                        DisablePayloadSigning = store.SignsPayloads ? null : true,
                    },
                    token).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
        tags.Add(new PartETag(response));
    }

    /// <summary>Makes the object visible, and looks whether it is.</summary>
    /// <param name="size">Bytes that it must have.</param>
    /// <param name="cancellation">Abandons it.</param>
    public async Task CompleteAsync(long size, CancellationToken cancellation)
    {
        var id = await BegunAsync(cancellation).ConfigureAwait(false);
        var request = new CompleteMultipartUploadRequest { BucketName = uri.Place, Key = uri.Key, UploadId = id, PartETags = [.. tags.OrderBy(tag => tag.PartNumber)] };
        try
        {
            await store.CallAsync(uri, 0, (client, token) => client.CompleteMultipartUploadAsync(request, token), cancellation).ConfigureAwait(false);
        }
        catch (RunException) when (!cancellation.IsCancellationRequested)
        {
            // An earlier try may have arrived although its answer did not.
            if (await IsThereAsync(size, cancellation).ConfigureAwait(false)) return;
            throw;
        }

        // S3 may send an error after it has sent that all is well.
        if (!await IsThereAsync(size, cancellation).ConfigureAwait(false))
            throw new RunException(ExitClass.StorageError, $"{uri} is not what was just written: another writer has replaced it, or the service lost it; start again");
    }

    /// <summary>Removes what was sent, as far as that is possible; it was never visible.</summary>
    public async Task AbortAsync()
    {
        if (begun is null) return;
        using var patience = new CancellationTokenSource(AbortPatience);
        try
        {
            var id = await begun.ConfigureAwait(false);
            await store.CallAsync(uri, 0, (client, token) => client.AbortMultipartUploadAsync(uri.Place, uri.Key, id, token), patience.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RunException or OperationCanceledException)
        {
            // The failure that led here matters more.
            System.Diagnostics.Trace.TraceWarning(exception.Message);
        }
    }

    private async Task<bool> IsThereAsync(long size, CancellationToken cancellation) =>
        await store.HeadAsync(uri, cancellation).ConfigureAwait(false) is { } head && head.ContentLength == size && head.Metadata[Mark] == mark;

    private Task<string> BegunAsync(CancellationToken cancellation)
    {
        lock (beginning) return begun ??= BeginAsync(cancellation);
    }

    private async Task<string> BeginAsync(CancellationToken cancellation)
    {
        var request = new InitiateMultipartUploadRequest { BucketName = uri.Place, Key = uri.Key };
        request.Metadata[Mark] = mark;
        return (await store.CallAsync(uri, 0, (client, token) => client.InitiateMultipartUploadAsync(request, token), cancellation).ConfigureAwait(false)).UploadId;
    }
}
