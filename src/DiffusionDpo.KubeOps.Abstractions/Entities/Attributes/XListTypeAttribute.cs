namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>How items of a list are merged by server-side apply.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class XListTypeAttribute(XListType listType) : Attribute
{
    /// <summary>The kind of list.</summary>
    public XListType ListType { get; } = listType;
}

/// <summary>Kinds of lists.</summary>
public enum XListType
{
    /// <summary>The list is replaced as a whole.</summary>
    Atomic,

    /// <summary>Scalars without repetition.</summary>
    Set,

    /// <summary>Objects identified by their keys.</summary>
    Map,
}
