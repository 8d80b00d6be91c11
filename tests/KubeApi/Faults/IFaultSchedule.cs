using KubeApi.Http;

namespace KubeApi.Faults;

/// <summary>Decides which requests suffer which fault.</summary>
public interface IFaultSchedule
{
    /// <summary>The fault of a request, or null for none. A watch may get a fault of either sort.</summary>
    Fault? Next(ApiRequest request, bool isWatch);
}
