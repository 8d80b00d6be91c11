namespace KubeApi.FieldOwnership;

/// <summary>Who writes: name, Apply or Update, in which version, through which subresource.</summary>
public sealed record FieldOwner(string Name, string Operation, string ApiVersion, string Subresource);
