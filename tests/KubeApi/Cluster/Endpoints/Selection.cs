using KubeApi.Storage;

namespace KubeApi.Cluster.Endpoints;

/// <summary>A Service's selector and the pods it selects.</summary>
internal sealed class Selection(IReadOnlyDictionary<string, string> selector)
{
    private readonly SortedSet<ObjectKey> _pods = [];

    public bool IsEmpty => selector.Count == 0;

    public IReadOnlyCollection<ObjectKey> Pods => _pods;

    /// <summary>Whether a pod is, or was, one of those.</summary>
    public bool Observe(ObjectKey pod, IReadOnlyDictionary<string, string>? labels)
    {
        var selected = selector.Count > 0 && labels is not null && selector.All(wanted => labels.TryGetValue(wanted.Key, out var label) && label == wanted.Value);
        return selected ? _pods.Add(pod) || selected : _pods.Remove(pod);
    }
}
