namespace KubeApi.Http;

/// <summary>A request as the server sees it, whichever way it came.</summary>
public sealed class ApiRequest
{
    public required string Method { get; init; }

    /// <summary>The decoded path without the query.</summary>
    public required string Path { get; init; }

    public IReadOnlyDictionary<string, string> Query { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    public ReadOnlyMemory<byte> Body { get; init; }

    public string Header(string name) => Headers.GetValueOrDefault(name, "");

    /// <summary>Splits a raw query string; of repeated names the first counts.</summary>
    public static Dictionary<string, string> ParseQuery(string query)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? part : part[..equals];
            result.TryAdd(Decode(name), equals < 0 ? "" : Decode(part[(equals + 1)..]));
        }

        return result;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
