using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace OperatorBench.Measuring;

/// <summary>A watch that notes when what came. Lines are read without delay; what they say is looked at by whoever asks.</summary>
internal sealed class Watch : IAsyncDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(long At, string Line)> _lines = new();
    private readonly Task _reading;

    public Watch(HttpResponseMessage answer) => (_answer, _reading) = (answer, Task.Run(() => ReadAsync(answer)));

    /// <summary>Takes what has come so far, by time of arrival.</summary>
    public IEnumerable<(long At, string Type, JsonElement Item)> Take()
    {
        while (_lines.TryDequeue(out var line))
        {
            using var document = JsonDocument.Parse(line.Line);
            yield return (line.At, document.RootElement.GetProperty("type").GetString()!, document.RootElement.GetProperty("object").Clone());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ContinueWith(static _ => { }, TaskScheduler.Default);
        _answer.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync(HttpResponseMessage answer)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(_stop.Token));
        while (await reader.ReadLineAsync(_stop.Token) is { } line) _lines.Enqueue((Stopwatch.GetTimestamp(), line));
    }
}
