using System.Net;
using System.Text;

namespace DiffusionDpo.KubeOps.Tests.Caching;

/// <summary>The way to the API server on which things go wrong as the test says: requests, and bodies at any byte.</summary>
internal sealed class FaultyTransport(HttpMessageHandler server) : HttpMessageHandler
{
    private HttpMessageInvoker _server = new(server);
    private CancellationTokenSource _connections = new();
    private int _faults;

    /// <summary>What happens to the next request, and at which byte of its body. Null: all is well.</summary>
    public Func<HttpRequestMessage, (FaultKind Kind, int AtByte)>? Plan { get; set; }

    /// <summary>Changes what the server says.</summary>
    public Func<string, string>? Rewrite { get; set; }

    public int Faults => Volatile.Read(ref _faults);

    public int Lists { get; private set; }

    public int Watches { get; private set; }

    internal CancellationToken Connected => _connections.Token;

    /// <summary>What is sent from now on goes to another server.</summary>
    public void Redirect(HttpMessageHandler other) => _server = new HttpMessageInvoker(other);

    /// <summary>Cuts all connections.</summary>
    public void CutNow() => Interlocked.Exchange(ref _connections, new CancellationTokenSource()).Cancel();

    internal void Count() => Interlocked.Increment(ref _faults);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isWatch = request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal);
        if (isWatch) Watches++;
        else Lists++;
        var (kind, at) = Plan?.Invoke(request) ?? (FaultKind.None, 0);
        if (Refusal(kind) is { } refusal)
        {
            Count();
            return refusal;
        }

        if (kind is FaultKind.Unreachable)
        {
            Count();
            throw new HttpRequestException("connection refused");
        }

        var answer = await _server.SendAsync(request, cancellationToken);
        if (!answer.IsSuccessStatusCode) return answer;
        answer.Content = new StreamContent(new FaultyBody(await answer.Content.ReadAsStreamAsync(cancellationToken), this, kind, at));
        return answer;
    }

    private static HttpResponseMessage? Refusal(FaultKind kind) => kind switch
    {
        FaultKind.Http410 => Answer(HttpStatusCode.Gone, "Expired"),
        FaultKind.Http429 => Answer(HttpStatusCode.TooManyRequests, "TooManyRequests", retryAfter: 1),
        FaultKind.Http500 => Answer(HttpStatusCode.InternalServerError, "InternalError"),
        FaultKind.Http503 => Answer(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable"),
        _ => null,
    };

    private static HttpResponseMessage Answer(HttpStatusCode code, string reason, int? retryAfter = null)
    {
        HttpResponseMessage answer = new(code)
        {
            Content = new StringContent($$"""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{{reason}}","code":{{(int)code}},"message":"injected"}""", Encoding.UTF8, "application/json"),
        };
        if (retryAfter is { } seconds) answer.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        return answer;
    }
}
