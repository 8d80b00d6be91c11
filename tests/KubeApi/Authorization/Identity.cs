namespace KubeApi.Authorization;

/// <summary>Who asks.</summary>
public sealed record Identity(string Name, IReadOnlyList<string> Groups)
{
    public string Uid { get; init; } = "";

    /// <summary>Names the token that was used.</summary>
    public string CredentialId { get; init; } = "";

    public bool IsAdministrator => Groups.Contains("system:masters");

    public static Identity Administrator { get; } = new("kubernetes-admin", ["system:masters", "system:authenticated"]);

    public static Identity Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);
}
