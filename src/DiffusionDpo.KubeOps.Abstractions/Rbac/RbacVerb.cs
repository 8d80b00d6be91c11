namespace KubeOps.Abstractions.Rbac;

/// <summary>What may be done with a resource.</summary>
[Flags]
public enum RbacVerb
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Everything, as the verb *.</summary>
    All = 1 << 0,

    /// <summary>Read one.</summary>
    Get = 1 << 1,

    /// <summary>Read all.</summary>
    List = 1 << 2,

    /// <summary>Follow changes.</summary>
    Watch = 1 << 3,

    /// <summary>Create.</summary>
    Create = 1 << 4,

    /// <summary>Replace.</summary>
    Update = 1 << 5,

    /// <summary>Change in part.</summary>
    Patch = 1 << 6,

    /// <summary>Delete.</summary>
    Delete = 1 << 7,

    /// <summary>Everything, each verb by name.</summary>
    AllExplicit = 1 << 8,
}
