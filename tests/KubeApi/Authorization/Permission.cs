namespace KubeApi.Authorization;

/// <summary>What is asked for, in RBAC's words.</summary>
public sealed record Permission(string Verb, string Group, string Resource, string Subresource, string Namespace, string Name)
{
    public string FullResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";
}
