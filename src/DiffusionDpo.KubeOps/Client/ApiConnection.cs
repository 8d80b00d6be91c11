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
        RetryHandler retries = new(time);
        RateLimitHandler limit = new(options.RequestsPerSecond, options.Burst, time);
        MeasuringHandler measures = new(metrics, time);
        if (options.Transport is { } transport)
        {
            (measures.InnerHandler, limit.InnerHandler, retries.InnerHandler) = (transport(), measures, limit);
            (_http, _root) = (new HttpClient(retries), new Uri(options.Configuration.Host));
        }
        else
        {
            // The official client knows every way to authenticate. Its transport is used, and none of its lists and watches. The handlers
            // go into it: a request that has been through one HttpClient is refused by another.
            _kubernetes = new Kubernetes(options.Configuration, retries, limit, measures);
            (_http, _credentials, _root) = (_kubernetes.HttpClient, _kubernetes.Credentials, _kubernetes.BaseUri);
        }

        // A watch never ends; who wants an answer in time says so.
        _http.Timeout = Timeout.InfiniteTimeSpan;
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
}
