using System.Net;
using System.Net.Http.Headers;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>
/// The body of a write. It asks the fence each time that it is sent, when the rate limit, the waits between tries and the connecting are over:
/// there is no later moment. A request whose body does not come is none to the API server.
/// </summary>
internal sealed class FencedContent : HttpContent
{
    private readonly byte[] _body;
    private readonly WriteFence _fence;

    /// <summary>A body.</summary>
    /// <param name="body">Its bytes.</param>
    /// <param name="type">Its media type.</param>
    /// <param name="fence">What it has to pass.</param>
    public FencedContent(byte[] body, string type, WriteFence fence)
    {
        (_body, _fence) = (body, fence);
        Headers.ContentType = new MediaTypeHeaderValue(type);
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _fence.ThrowIfClosed();
        return stream.WriteAsync(_body, cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
