using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>How az:// is reached.</summary>
public sealed record AzureOptions
{
    /// <summary>
    /// Address of the blob service, for emulators and sovereign clouds. {account} stands for the account, as in
    /// https://{account}.blob.core.usgovcloudapi.net; without it the account is the first part of the path, as emulators have it. Empty: Azure.
    /// </summary>
    [Length(0, 1024)]
    public string Endpoint { get; init; } = "";
}
