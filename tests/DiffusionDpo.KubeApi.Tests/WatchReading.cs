using System.Text.Json.Nodes;

namespace DiffusionDpo.KubeApi.Tests;

/// <summary>The events of one watch, read line by line.</summary>
internal sealed class WatchReading(HttpResponseMessage response, Stream stream) : IDisposable
{
    private readonly StreamReader _reader = new(stream);

    /// <summary>The next event as "TYPE name value", or null at the end of the stream.</summary>
    public async Task<string?> NextAsync()
    {
        if (await _reader.ReadLineAsync() is not { } line)
            return null;
        var json = JsonNode.Parse(line)!;
        var item = json["object"]!;
        return $"{json["type"]} {item["metadata"]?["name"] ?? item["code"]} {item["data"]?["k"]}".TrimEnd();
    }

    public void Dispose()
    {
        _reader.Dispose();
        response.Dispose();
    }
}
