using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Http;

/// <summary>An answer: a body, or the chunks of a stream that go on as long as the watch does.</summary>
public sealed class ApiResponse
{
    public int Status { get; init; } = 200;

    public string ContentType { get; init; } = "application/json";

    public List<KeyValuePair<string, string>> Headers { get; } = [];

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Set for a watch: each element goes out at once. Throwing <see cref="ConnectionCutException"/> cuts the connection.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>>? Stream { get; init; }

    public static ApiResponse Json(int status, JsonNode body) => new() { Status = status, Body = DocumentWriter.Write(body) };

    public static ApiResponse Json(int status, ReadOnlyMemory<byte> body) => new() { Status = status, Body = body };

    public static ApiResponse Text(int status, string text) =>
        new() { Status = status, ContentType = "text/plain; charset=utf-8", Body = Encoding.UTF8.GetBytes(text) };

    public void Warn(string text) => Headers.Add(new("Warning", $"299 - \"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
}
