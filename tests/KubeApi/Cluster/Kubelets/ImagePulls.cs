namespace KubeApi.Cluster.Kubelets;

/// <summary>Failed pulls, by pod: each is followed by a back-off of 10 s, doubled up to 300 s, in which the image is not asked for.</summary>
internal sealed class ImagePulls
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(300);
    private readonly Dictionary<string, ImagePullFailure> _failed = new(StringComparer.Ordinal);

    /// <summary>The failed pull in whose back-off a pod is; null = its image may be pulled.</summary>
    public ImagePullFailure? BackOff(string uid, DateTimeOffset now) => _failed.TryGetValue(uid, out var failed) && now < failed.Until ? failed : null;

    /// <summary>A pull failed.</summary>
    public ImagePullFailure Failed(string uid, string error, DateTimeOffset now)
    {
        var backOff = _failed.TryGetValue(uid, out var before) ? (before.Until - before.At) * 2 : s_first;
        return _failed[uid] = new ImagePullFailure(error, now, now + (backOff < s_most ? backOff : s_most));
    }

    public void Forget(string uid) => _failed.Remove(uid);
}
