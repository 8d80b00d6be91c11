using DiffusionDpo.Shared;

namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>Real binaries, where KUBEBUILDER_ASSETS names a directory with them.</summary>
public sealed class RealServer : ServerFixture
{
    private RealControlPlane? _plane;

    private protected override async Task<ServerAccess?> StartAsync()
    {
        if (RealControlPlane.Assets is not { } assets) return null;
        _plane = await RealControlPlane.StartAsync(assets, withControllers: true);
        return new ServerAccess(_plane.Client, RealControlPlane.Token, _plane.Authorities, _plane.HasControllers, _plane.ThrowIfDead);
    }

    private protected override async Task StopAsync()
    {
        if (_plane is not null) await _plane.DisposeAsync();
    }
}
