using KubeApi;
using KubeApi.Http;

namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>The emulator, over HTTP.</summary>
public sealed class EmulatedServer : ServerFixture
{
    private const string AdminToken = "admin";
    private readonly ApiServer _server = new(new ApiServerOptions { AdminToken = AdminToken });
    private KestrelHost? _host;
    private HttpClient? _client;

    private protected override async Task<ServerAccess?> StartAsync()
    {
        _host = await KestrelHost.StartAsync(_server);
        _client = new HttpClient { BaseAddress = _host.Address };
        return new ServerAccess(_client, AdminToken, null, HasControllers: false, ThrowIfDead: () => { });
    }

    private protected override async Task StopAsync()
    {
        _client?.Dispose();
        if (_host is not null) await _host.DisposeAsync();
    }
}
