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
    private readonly string _root;

    /// <summary>Connects; nothing is sent yet.</summary>
    public ApiConnection(ApiConnectionOptions options, ClientMetrics metrics, TimeProvider time)
    {
        _root = options.Configuration.Host.TrimEnd('/');
        DelegatingHandler[] policies =
        [
            new RetryHandler(time), new RateLimitHandler(options.RequestsPerSecond, options.Burst, time), new MeasuringHandler(metrics, time),
        ];
        if (options.Transport is { } given)
        {
            _http = new HttpClient(Chain(policies, given()));
        }
        else
        {
            // The official client knows every way to authenticate. Its transport is used, and none of its lists and watches. The policies go
            // between its HttpClient and its sockets: a request passes through an HttpClient once only, and retries send it again.
            _kubernetes = new Kubernetes(options.Configuration, policies);
            (_http, _credentials) = (_kubernetes.HttpClient, _kubernetes.Credentials);
        }

        _http.Timeout = Timeout.InfiniteTimeSpan;
        _http.DefaultRequestHeaders.UserAgent.Clear();
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue(options.UserAgent, options.Version));
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <summary>Sends a request. The answer is there once its headers are.</summary>
    /// <exception cref="ApiException">The API server could not be reached.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string pathAndQuery, HttpContent? content, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(method, _root + pathAndQuery) { Content = content, Version = HttpVersion.Version11 };
        try
        {
            if (_credentials is not null) await _credentials.ProcessHttpRequestAsync(request, cancellationToken).ConfigureAwait(false);
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or KubernetesException)
        {
            throw new ApiException(null, "Unreachable", $"the API server at {_root} cannot be reached: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _kubernetes?.Dispose();
    }

    private static HttpMessageHandler Chain(IEnumerable<DelegatingHandler> policies, HttpMessageHandler transport) =>
        policies.Reverse().Aggregate(transport, (inner, policy) =>
        {
            policy.InnerHandler = inner;
            return policy;
        });
}
