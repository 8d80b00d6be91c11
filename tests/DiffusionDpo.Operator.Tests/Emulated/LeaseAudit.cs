using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using DiffusionDpo.Api.Plans;
using KubeApi;
using KubeApi.Faults;
using KubeApi.Http;
using KubeApi.Storage;

namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>
/// Stands where requests arrive at the API server and checks each write of a replica: its sender holds the Lease at this moment, and has renewed
/// it within the renew deadline. So two can never write in the same time. No Job is made beside one of the same fine-tune that goes on.
/// </summary>
internal sealed class LeaseAudit(ApiServer server, IFaultSchedule faults) : IFaultSchedule
{
    private static readonly TimeSpan s_renewDeadline = TimeSpan.FromSeconds(10);
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentDictionary<string, int> _writes = new();

    /// <summary>What must not be.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>Writes by sender.</summary>
    public IReadOnlyDictionary<string, int> Writes => _writes;

    /// <summary>Whether requests of replicas go wrong.</summary>
    public bool HasFaults { get; set; } = true;

    public Fault? Next(ApiRequest request, bool isWatch)
    {
        var agent = request.Header("User-Agent").Split('/')[0];
        if (!agent.StartsWith("replica-", StringComparison.Ordinal)) return null;
        if (ApiLink.IsControlWrite(request.Method, request.Path)) Check(agent, request);
        return HasFaults ? faults.Next(request, isWatch) : null;
    }

    private void Check(string agent, ApiRequest request)
    {
        _writes.AddOrUpdate(agent, 1, (_, count) => count + 1);
        var lease = server.Store.Get("leases.coordination.k8s.io", new ObjectKey("default", "ddpo-operator"))?.Document()["spec"];
        var age = server.Time.GetUtcNow() - DateTimeOffset.Parse((string?)lease?["renewTime"] ?? "0001-01-01T00:00:00Z", CultureInfo.InvariantCulture);
        if ((string?)lease?["holderIdentity"] != agent || age >= s_renewDeadline)
            _violations.Enqueue($"{server.Now}: {agent} sent {request.Method} {request.Path}, and the Lease is {lease?["holderIdentity"]}'s, renewed {age} ago");
        if (request.Method == "POST" && request.Path.EndsWith("/jobs", StringComparison.Ordinal)) CheckAlone(JsonNode.Parse(request.Body.Span)!["metadata"]!);
    }

    private void CheckAlone(JsonNode created)
    {
        var fineTune = (string?)created["labels"]?[LabelKeys.FineTune];
        foreach (var other in server.Store.List("jobs.batch").Objects.Values)
        {
            if (other.Key.Name == (string?)created["name"] || other.Labels.GetValueOrDefault(LabelKeys.FineTune) != fineTune) continue;
            var isOver = other.Document()["status"]?["conditions"]?.AsArray().Any(c => (string?)c!["type"] is "Complete" or "Failed" && (string?)c["status"] == "True") == true;
            if (!isOver) _violations.Enqueue($"{server.Now}: {created["name"]} is created beside {other.Key.Name}");
        }

        foreach (var pod in server.Store.List("pods").Objects.Values)
        {
            var isLive = (string?)pod.Document()["status"]?["phase"] is "Pending" or "Running";
            if (isLive && pod.Labels.GetValueOrDefault(LabelKeys.FineTune) == fineTune && !pod.Key.Name.StartsWith($"{created["name"]}-", StringComparison.Ordinal))
                _violations.Enqueue($"{server.Now}: {created["name"]} is created beside pod {pod.Key.Name}");
        }
    }
}
