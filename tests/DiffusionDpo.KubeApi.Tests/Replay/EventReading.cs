using System.Text.Json.Nodes;

namespace DiffusionDpo.KubeApi.Tests.Replay;

/// <summary>Reads the events a step expects from an open watch: in order, in any order, or among others.</summary>
internal sealed class EventReading(
    ReplayTarget target, OpenWatch watch, JsonObject step, Placeholders placeholders, Action<Placeholders> commit, HashSet<string> ignored,
    TimeSpan patience)
{
    private readonly List<string> _seen = [];
    private readonly string _mode = step["match"]?.GetValue<string>() ?? "exact";

    public async Task ReadAsync(List<JsonObject> wanted)
    {
        if (_mode == "subsequence")
            wanted = [.. wanted.Where(item => item["required"]?.GetValue<bool>() ?? true)];
        string? last = null;
        while (wanted.Count > 0)
        {
            var came = await NextAsync(wanted, last) ?? throw new Mismatch($"the stream ended with {wanted.Count} events to come; last difference: {last}; seen {string.Join(", ", _seen)}");
            last = Take(wanted, came);
            if (last is not null && _mode != "subsequence")
                throw new Mismatch(last);
        }

        await EndAsync();
    }

    /// <summary>Strikes the event off the list of those expected, or says why it is none of them.</summary>
    private string? Take(List<JsonObject> wanted, JsonObject came)
    {
        string? difference = null;
        foreach (var candidate in _mode == "unordered" ? wanted : wanted.Take(1))
        {
            var expected = (JsonObject)candidate.DeepClone();
            expected.Remove("required");
            var trial = placeholders.Copy();
            try
            {
                new Comparison(trial, ignored, step["compare"]?.GetValue<string>() ?? "", false).Match(expected, came, "event");
                commit(trial);
                wanted.Remove(candidate);
                return null;
            }
            catch (Mismatch mismatch)
            {
                difference = mismatch.Message;
            }
        }

        return $"event {_seen[^1]}: {difference}";
    }

    private async Task<JsonObject?> NextAsync(List<JsonObject> wanted, string? last)
    {
        var (came, next) = await watch.NextAsync(target, patience);
        if (!came)
            throw new Mismatch($"{wanted.Count} events did not come, the first: {Name(wanted[0])}; last difference: {last}; seen {string.Join(", ", _seen.TakeLast(6))}");
        if (next is not null)
            _seen.Add(Name(next));
        return next;
    }

    private async Task EndAsync()
    {
        var eof = step["then"]?.GetValue<string>() == "eof";
        if (_mode == "subsequence" && !eof)
            return;
        var (came, next) = await watch.NextAsync(target, eof ? TimeSpan.FromSeconds(15) : TimeSpan.FromMilliseconds(400));
        while (came && next is not null && _mode == "subsequence")
            (came, next) = await watch.NextAsync(target, TimeSpan.FromSeconds(15));
        if (came && next is not null)
            throw new Mismatch($"one more event than expected: {next.ToJsonString()}");
        if (eof != came)
            throw new Mismatch(eof ? "expected the end of the stream" : "the stream ended, expected it to stay open");
    }

    private static string Name(JsonObject item) => $"{item["type"]} {((item["object"] as JsonObject)?["metadata"] as JsonObject)?["name"]}";
}
