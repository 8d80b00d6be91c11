using System.Net;
using System.Net.Http.Headers;
using k8s;
using k8s.Authentication;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>HTTP to the API server: address, TLS and credentials as the configuration says, then rate limit, retries and metrics.</summary>
internal sealed class ApiConnection : IDisposable
{
    private readonly HttpClient _http;
    private readonly Kubernetes? _kubernetes;
    private readonly ServiceClientCredentials? _credentials;
    private readonly Uri _root;

    /// <summary>Connects; nothing is sent yet.</summary>
    public ApiConnection(ApiConnectionOptions options, ClientMetrics metrics, TimeProvider time)
    {
        // The official client knows every way to authenticate. Its transport is used, and none of its lists and watches.
        HttpMessageHandler transport;
        if (options.Transport is { } given)
        {
            (transport, _root) = (given(), new Uri(options.Configuration.Host));
        }
        else
        {
            _kubernetes = new Kubernetes(options.Configuration);
            (_credentials, _root) = (_kubernetes.Credentials, _kubernetes.BaseUri);
            transport = new Forwarder(_kubernetes.HttpClient);
        }

        var measured = new MeasuringHandler(metrics, time) { InnerHandler = transport };
        var limited = new RateLimitHandler(options.RequestsPerSecond, options.Burst, time) { InnerHandler = measured };
        _http = new HttpClient(new RetryHandler(time) { InnerHandler = limited }) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue(options.UserAgent, options.Version));
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <summary>Sends a request. The answer is there once its headers are.</summary>
    /// <exception cref="ApiException">The API server could not be reached.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string pathAndQuery, HttpContent? content, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(method, new Uri(_root, pathAndQuery)) { Content = content, Version = HttpVersion.Version11 };
        try
        {
            if (_credentials is not null) await _credentials.ProcessHttpRequestAsync(request, cancellationToken).ConfigureAwait(false);
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or KubernetesException)
        {
            throw new ApiException(null, "Unreachable", $"the API server at {_root.Authority} cannot be reached: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _kubernetes?.Dispose();
    }

    /// <summary>An HttpClient as transport. Answers must stream: a watch never ends.</summary>
    private sealed class Forwarder(HttpClient inner) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            inner.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }
}
