using KubeApi.Http;

namespace KubeApi.Faults;

/// <summary>Faults chosen by a test: a function of the request.</summary>
public sealed class PredicateSchedule(Func<ApiRequest, bool, Fault?> choose) : IFaultSchedule
{
    public Fault? Next(ApiRequest request, bool isWatch) => choose(request, isWatch);

    /// <summary>One fault for the first request that fits, none afterwards.</summary>
    public static PredicateSchedule Once(Func<ApiRequest, bool> fits, Fault fault)
    {
        var done = 0;
        return new PredicateSchedule((request, isWatch) =>
            (isWatch || !fault.IsOfWatch) && fits(request) && Interlocked.Exchange(ref done, 1) == 0 ? fault : null);
    }
}
