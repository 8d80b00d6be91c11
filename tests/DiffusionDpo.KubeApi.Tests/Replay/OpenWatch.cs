using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace DiffusionDpo.KubeApi.Tests.Replay;

/// <summary>A watch of the recording that stays open while later steps run; null in the channel is the end of the stream.</summary>
internal sealed class OpenWatch : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly Channel<JsonObject?> _events = Channel.CreateUnbounded<JsonObject?>();

    public OpenWatch(HttpResponseMessage response)
    {
        _response = response;
        _ = ReadAsync();
    }

    public async Task<(bool Came, JsonObject? Event)> NextAsync(ReplayTarget target, TimeSpan atMost)
    {
        if (_events.Reader.TryRead(out var ready))
            return (true, ready);
        var came = await target.WaitAsync(_events.Reader.WaitToReadAsync().AsTask(), atMost);
        return came && _events.Reader.TryRead(out var next) ? (true, next) : (false, null);
    }

    public void Dispose() => _response.Dispose();

    private async Task ReadAsync()
    {
        try
        {
            using var reader = new StreamReader(await _response.Content.ReadAsStreamAsync());
            while (await reader.ReadLineAsync() is { } line)
                _events.Writer.TryWrite((JsonObject)JsonNode.Parse(line)!);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException or HttpRequestException)
        {
            // The stream was closed from one side or the other: its end is what matters here.
        }

        _events.Writer.TryWrite(null);
    }
}
