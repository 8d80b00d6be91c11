using System.Collections.Concurrent;
using KubeApi.Errors;
using KubeApi.Http;

namespace KubeApi.Faults;

/// <summary>Stands before the server and lets requests and watches go wrong as a schedule says; counts what it did.</summary>
public sealed class FaultInjector(ApiServer server)
{
    private readonly ConcurrentDictionary<FaultKind, int> _counts = new();

    /// <summary>Which requests suffer; null = none.</summary>
    public IFaultSchedule? Schedule { get; set; }

    /// <summary>How many faults of each kind there were.</summary>
    public IReadOnlyDictionary<FaultKind, int> Counts => _counts;

    internal async Task<ApiResponse> HandleAsync(ApiRequest request, Func<Task<ApiResponse>> handle, CancellationToken cancellation)
    {
        if (Schedule is not { } schedule)
            return await handle();
        var isWatch = RequestTarget.Parse(request.Path) is { } target && RequestContext.VerbOf(request, target) == "watch";
        if (schedule.Next(request, isWatch) is not { } fault || fault.IsOfWatch && !isWatch)
            return await handle();
        if (!fault.IsOfWatch)
            Count(fault);
        switch (fault.Kind)
        {
            case FaultKind.CutBefore:
                throw new ConnectionCutException();
            case FaultKind.CutAfter:
                await handle();
                throw new ConnectionCutException();
            case FaultKind.Delay:
                await Task.Delay(fault.Delay, server.Time, cancellation);
                return await handle();
            case FaultKind.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, server.Time, cancellation);
                throw new ConnectionCutException();
            case FaultKind.Refuse:
                throw Refusal(fault);
            case FaultKind.Compact:
                server.Store.Compact(server.Store.ResourceVersion);
                return await handle();
            default:
                return WithFaultyStream(await handle(), fault);
        }
    }

    internal void Count(Fault fault) => _counts.AddOrUpdate(fault.Kind, 1, (_, count) => count + 1);

    private ApiResponse WithFaultyStream(ApiResponse answer, Fault fault) => answer.Stream is null
        ? answer
        : new ApiResponse { Status = answer.Status, ContentType = answer.ContentType, Stream = new FaultyStream(server, this, fault, answer.Stream).ReadAsync() };

    private static ApiException Refusal(Fault fault) => fault.Status switch
    {
        429 => new ApiException(429, "TooManyRequests", "too many requests, please try again later", RetryDetails(fault), fault.RetryAfter),
        503 => new ApiException(503, "ServiceUnavailable", "the server is currently unable to handle the request", RetryDetails(fault), fault.RetryAfter),
        _ => new ApiException(fault.Status, "InternalError", "Internal error occurred: injected fault", RetryDetails(fault), fault.RetryAfter),
    };

    private static System.Text.Json.Nodes.JsonObject? RetryDetails(Fault fault) =>
        fault.RetryAfter is { } seconds ? new System.Text.Json.Nodes.JsonObject { ["retryAfterSeconds"] = seconds } : null;
}
