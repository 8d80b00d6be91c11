namespace KubeApi.Storage;

/// <summary>What became of an optimistic write.</summary>
public enum WriteResult
{
    Written,
    AlreadyExists,
    NotFound,
    Conflict,
}
