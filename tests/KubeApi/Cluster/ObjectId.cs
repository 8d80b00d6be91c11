using KubeApi.Storage;

namespace KubeApi.Cluster;

/// <summary>An object of the store, whatever its kind.</summary>
public readonly record struct ObjectId(string Collection, ObjectKey Key)
{
    public override string ToString() => $"{Collection} {Key}";
}
