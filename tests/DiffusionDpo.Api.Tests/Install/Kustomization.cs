namespace DiffusionDpo.Api.Tests.Install;

/// <summary>As much of a kustomization.yaml as tests look at.</summary>
internal sealed class Kustomization
{
    public IList<string> Resources { get; set; } = [];
}
