using System.Net;

namespace KubeApi.Http;

/// <summary>Gives an HTTP client the server without sockets; a delegating handler that delegates nothing, as the Kubernetes client takes no other.</summary>
internal sealed class InProcessHandler(ApiServer server) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ApiResponse answer;
        try
        {
            answer = await server.HandleAsync(await ConvertAsync(request, cancellationToken), cancellationToken);
        }
        catch (ConnectionCutException cut)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, cut.Message, cut);
        }

        HttpContent content = answer.Stream is null ? new ReadOnlyMemoryContent(answer.Body) : new StreamContent(new ChunkStream(answer.Stream));
        content.Headers.TryAddWithoutValidation("Content-Type", answer.ContentType);
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status) { Content = content, RequestMessage = request };
        if (answer.Stream is not null)
            response.Headers.TransferEncodingChunked = true;
        foreach (var (name, value) in answer.Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
                content.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    private static async Task<ApiRequest> ConvertAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in request.Headers.NonValidated)
            headers[name] = string.Join(name == "User-Agent" ? " " : ", ", values);
        foreach (var (name, values) in request.Content?.Headers.NonValidated ?? default)
            headers[name] = string.Join(", ", values);
        // Into a buffer of the server's own, as over a socket: a request that is sent again gives its body again.
        var body = new MemoryStream();
        if (request.Content is not null)
            await request.Content.CopyToAsync(body, cancellationToken);
        return new ApiRequest
        {
            Method = request.Method.Method,
            Path = Uri.UnescapeDataString(request.RequestUri!.AbsolutePath),
            Query = ApiRequest.ParseQuery(request.RequestUri.Query),
            Headers = headers,
            Body = body.ToArray(),
        };
    }
}
