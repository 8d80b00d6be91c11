namespace KubeApi.FieldOwnership;

public enum FieldShape
{
    /// <summary>Objects are maps, lists are atomic.</summary>
    Deduced,

    /// <summary>Owned and replaced as a whole: scalars, atomic lists and maps.</summary>
    Atomic,

    /// <summary>An object with declared fields.</summary>
    Struct,

    /// <summary>An object with free keys.</summary>
    Map,

    /// <summary>A list whose items are distinct scalars.</summary>
    Set,

    /// <summary>A list whose items are told apart by key fields.</summary>
    ListMap,
}
