using System.Text;

namespace OperatorBench.Measuring;

/// <summary>What the benchmark itself does at the API server.</summary>
internal sealed class ApiSession(Uri address) : IDisposable
{
    public const string FineTuneCollection = "dpofinetunes.diffusiondpo.io";
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };

    public static string FineTunes(string ns) => $"/apis/diffusiondpo.io/v1alpha1/namespaces/{ns}/dpofinetunes";

    public async Task<string> SendAsync(string method, string path, string body, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, contentType) };
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? text : throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {text}");
    }

    /// <summary>Watches from now on; the watch is open when the task is complete.</summary>
    public async Task<Watch> WatchAsync(string collection)
    {
        var list = System.Text.Json.Nodes.JsonNode.Parse(await _http.GetStringAsync($"{collection}?limit=1"))!;
        var version = list["metadata"]!["resourceVersion"]!.GetValue<string>();
        var answer = await _http.GetAsync($"{collection}?watch=true&resourceVersion={version}&timeoutSeconds=3600", HttpCompletionOption.ResponseHeadersRead);
        return new Watch(answer.EnsureSuccessStatusCode());
    }

    public void Dispose() => _http.Dispose();
}
