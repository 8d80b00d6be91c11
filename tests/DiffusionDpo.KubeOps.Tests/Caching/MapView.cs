namespace DiffusionDpo.KubeOps.Tests.Caching;

/// <summary>What the tests' stores keep of a ConfigMap.</summary>
internal sealed record MapView(string Name, string Value);
