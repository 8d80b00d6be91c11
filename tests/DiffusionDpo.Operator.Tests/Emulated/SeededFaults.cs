using KubeApi.Faults;
using KubeApi.Http;

namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>
/// Random faults that a seed repeats, as far as requests come in the same order: of watches, of requests about the Lease, which may also be late,
/// and of the rest.
/// </summary>
internal sealed class SeededFaults(int seed) : IFaultSchedule
{
    private readonly SeededSchedule _lease = new(seed) { RequestRate = 0.15, RequestKinds = [FaultKind.Delay, FaultKind.CutBefore, FaultKind.CutAfter, FaultKind.Refuse], LongestDelay = TimeSpan.FromSeconds(9) };
    private readonly SeededSchedule _others = new(seed + 1) { RequestRate = 0.03, RequestKinds = [FaultKind.CutBefore, FaultKind.CutAfter, FaultKind.Refuse] };

    public Fault? Next(ApiRequest request, bool isWatch) =>
        (request.Path.Contains("/leases", StringComparison.Ordinal) ? _lease : _others).Next(request, isWatch);
}
