using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Cluster.Jobs;

/// <summary>A Job's status while it is worked on; zero counts are left out as the real controller leaves them out.</summary>
internal sealed class JobStatus(JsonObject job, string now)
{
    private readonly JsonObject _status = (job.Object("status") ?? []).Copy();

    public JsonObject Document => _status;

    public SortedSet<int> Completed => IndexSet.Parse(_status.Text("completedIndexes"));

    public long Failed => _status.Integer("failed") ?? 0;

    public List<string> UncountedFailures =>
        (_status.Object("uncountedTerminatedPods").Array("failed") ?? []).Select(uid => uid!.ToString()).ToList();

    public DateTimeOffset? StartTime => _status.Text("startTime") is { } time ? DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) : null;

    public JsonObject? Condition(string type) =>
        (_status.Array("conditions") ?? []).OfType<JsonObject>().FirstOrDefault(condition => condition.Text("type") == type);

    public bool Is(string type) => Condition(type).Text("status") == "True";

    public void SetCondition(string type, bool value, string reason, string message)
    {
        var text = value ? "True" : "False";
        if (Condition(type) is { } known)
        {
            if (known.Text("status") == text && known.Text("reason") == reason)
                return;
            known["status"] = text;
            known["reason"] = reason;
            known["message"] = message;
            known["lastProbeTime"] = now;
            known["lastTransitionTime"] = now;
            return;
        }

        if (_status["conditions"] is not JsonArray conditions)
            _status["conditions"] = conditions = [];
        conditions.Add(new JsonObject
        {
            ["type"] = type,
            ["status"] = text,
            ["lastProbeTime"] = now,
            ["lastTransitionTime"] = now,
            ["reason"] = reason,
            ["message"] = message,
        });
    }

    public void Start() => _status["startTime"] ??= now;

    public void ClearStart() => _status.Remove("startTime");

    public void Complete() => _status["completionTime"] = now;

    public void Complete(SortedSet<int> indexes)
    {
        Count("succeeded", indexes.Count);
        if (indexes.Count > 0)
            _status["completedIndexes"] = IndexSet.Write(indexes);
    }

    public void Fail(long failed, IReadOnlyCollection<string> uncounted)
    {
        Count("failed", failed);
        _status["uncountedTerminatedPods"] = uncounted.Count == 0
            ? []
            : new JsonObject { ["failed"] = new JsonArray([.. uncounted.Select(uid => (JsonNode)uid)]) };
    }

    public void Pods(int active, int terminating, int ready)
    {
        Count("active", active);
        _status["terminating"] = terminating;
        _status["ready"] = ready;
    }

    private void Count(string name, long value)
    {
        if (value == 0)
            _status.Remove(name);
        else
            _status[name] = value;
    }
}
