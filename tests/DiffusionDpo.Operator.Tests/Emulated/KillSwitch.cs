namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>Cuts an operator off from the API server for good at one of its writes, before it takes effect or after: what a kill looks like.</summary>
internal sealed class KillSwitch(int at, bool after)
{
    private int _writes;

    public bool HasFired { get; private set; }

    public int Writes => _writes;

    public HttpMessageHandler Around(HttpMessageHandler inner) => new Handler(this) { InnerHandler = inner };

    private sealed class Handler(KillSwitch kill) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (kill.HasFired) throw new HttpRequestException("killed");
            // Events are told in the background and decide nothing.
            var counts = request.Method != HttpMethod.Get && !request.RequestUri!.AbsolutePath.Contains("/events", StringComparison.Ordinal);
            var isLast = counts && Interlocked.Increment(ref kill._writes) - 1 == kill.At;
            if (isLast && !kill.After) kill.HasFired = true;
            if (kill.HasFired) throw new HttpRequestException("killed");
            var answer = await base.SendAsync(request, cancellationToken);
            if (!isLast) return answer;
            kill.HasFired = true;
            throw new HttpRequestException("killed");
        }
    }

    private int At => at;

    private bool After => after;
}
