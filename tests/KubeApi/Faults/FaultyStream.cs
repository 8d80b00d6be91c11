using System.Runtime.CompilerServices;
using KubeApi.Errors;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Reads;

namespace KubeApi.Faults;

/// <summary>A watch that goes wrong after some events.</summary>
internal sealed class FaultyStream(ApiServer server, FaultInjector injector, Fault fault, IAsyncEnumerable<ReadOnlyMemory<byte>> events)
{
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        // What ends a stream happens when its time has come, not when the next event would.
        var passed = 0;
        if (EndsStream && passed == fault.AfterEvents)
        {
            if (await EndAsync(cancellation) is { } last)
                yield return last;
            yield break;
        }

        await foreach (var item in events.WithCancellation(cancellation))
        {
            if (passed == fault.AfterEvents && !EndsStream)
            {
                injector.Count(fault);
                if (fault.Kind == FaultKind.WatchDuplicate)
                    yield return item;
                else
                    await Task.Delay(fault.Delay, server.Time, cancellation);
            }

            passed++;
            yield return item;
            if (!EndsStream || passed != fault.AfterEvents)
                continue;
            if (await EndAsync(cancellation) is { } last)
                yield return last;
            yield break;
        }
    }

    private bool EndsStream => fault.Kind is not (FaultKind.WatchDuplicate or FaultKind.WatchDelay);

    /// <summary>The last thing the client sees of the stream, if anything.</summary>
    private async Task<ReadOnlyMemory<byte>?> EndAsync(CancellationToken cancellation)
    {
        injector.Count(fault);
        switch (fault.Kind)
        {
            case FaultKind.WatchCut:
                throw new ConnectionCutException();
            case FaultKind.WatchSilence:
                await Task.Delay(Timeout.InfiniteTimeSpan, server.Time, cancellation);
                return null;
            case FaultKind.WatchExpired:
                var version = server.Store.ResourceVersion;
                return WatchStream.Line("ERROR", DocumentWriter.Write(Refusals.Expired($"too old resource version: {version} ({version})").Status()));
            default:
                return null;
        }
    }
}
