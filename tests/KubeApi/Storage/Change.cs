namespace KubeApi.Storage;

/// <summary>One write. <see cref="Before"/> is null for a creation; <see cref="After"/> of a deletion is the last state at the version of the deletion.</summary>
public sealed record Change(string Collection, ChangeKind Kind, StoredObject? Before, StoredObject After)
{
    public long ResourceVersion => After.ResourceVersion;

    public ObjectKey Key => After.Key;
}
