using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionDpo.KubeApi.Tests.Replay;

/// <summary>Replays one scenario step by step and says of each step whether the answer was as recorded.</summary>
internal sealed class ReplayRun(ReplayTarget target, Scenario scenario)
{
    /// <summary>How long a step that is known to fail is waited for.</summary>
    private const double LittleHope = 4;
    private readonly IReadOnlyDictionary<string, string> _notEmulated = NotEmulated.Of(scenario.Name);
    private readonly Placeholders _placeholders = new();
    private readonly Dictionary<string, OpenWatch> _watches = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leftOut = [];
    private long _highest;

    /// <summary>Step id → what was different; null = as recorded.</summary>
    public async Task<List<(string Step, string? Difference)>> RunAsync()
    {
        var results = new List<(string, string?)>();
        foreach (var step in scenario.Steps.Where(IsPossible))
        {
            string? difference = null;
            try
            {
                await StepAsync(step);
            }
            catch (Exception error) when (error is Mismatch or HttpRequestException or JsonException or IOException or KeyNotFoundException)
            {
                difference = error is Mismatch ? error.Message : error.ToString();
            }

            results.Add((step["id"]!.GetValue<string>(), difference));
        }

        foreach (var watch in _watches.Values)
            watch.Dispose();
        return results;
    }

    // What reads or closes a watch that was not opened is left out with its opening.
    private bool IsPossible(JsonObject step)
    {
        var watch = step["watch"] as JsonObject;
        if (!Scenario.Texts(step["needs"]).Any(target.Absent.Contains) && !_leftOut.Contains((watch?["read"] ?? watch?["close"])?.GetValue<string>() ?? ""))
            return true;
        if (watch?["id"] is { } id)
            _leftOut.Add(id.GetValue<string>());
        return false;
    }

    private Task StepAsync(JsonObject step) => (step["action"], step["watch"]) switch
    {
        (not null, _) => target.Compact is null
            ? throw new Mismatch("no way to compact this server")
            : target.Compact(long.Parse(_placeholders.Fill(step["revision"]!.GetValue<string>()), CultureInfo.InvariantCulture)),
        (_, JsonObject watch) => WatchAsync(step, watch),
        _ => RequestAsync(step),
    };

    private async Task RequestAsync(JsonObject step)
    {
        var until = Math.Min((step["until"] as JsonObject)?["timeoutSeconds"]?.GetValue<double>() ?? 0, IsHopeless(step) ? LittleHope : double.MaxValue);
        for (var waited = 0.0; ; waited += 0.25)
        {
            using var response = await SendAsync(step, HttpCompletionOption.ResponseContentRead);
            try
            {
                Check(step, response, await response.Content.ReadAsByteArrayAsync());
                return;
            }
            catch (Mismatch) when (waited < until)
            {
                await target.PauseAsync();
            }
        }
    }

    private bool IsHopeless(JsonObject step) => target.Clock is not null && _notEmulated.ContainsKey(step["id"]!.GetValue<string>());

    private async Task<HttpResponseMessage> SendAsync(JsonObject step, HttpCompletionOption completion)
    {
        var request = Prepare(step);
        var sending = target.Client.SendAsync(request, completion);
        if (!await target.WaitAsync(sending, TimeSpan.FromSeconds(60)))
            throw new Mismatch("no answer within 60 s");
        return await sending;
    }

    private HttpRequestMessage Prepare(JsonObject step)
    {
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in (step["query"] as JsonObject ?? []).Concat((step["watch"] as JsonObject)?["query"] as JsonObject ?? []))
            query[name] = _placeholders.Fill(value!.ToString());
        var path = _placeholders.Fill(step["path"]!.GetValue<string>());
        if (query.Count > 0)
            path += "?" + string.Join('&', query.Select(item => $"{Uri.EscapeDataString(item.Key)}={Uri.EscapeDataString(item.Value)}"));
        var request = new HttpRequestMessage(new HttpMethod(step["method"]!.GetValue<string>()), new Uri(target.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path));
        request.Headers.TryAddWithoutValidation("User-Agent", "conformance/1.0");
        var auth = step["auth"]?.GetValue<string>();
        if (auth is null && target.Token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", target.Token);
        else if (auth is not (null or "anonymous"))
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_placeholders.Fill(auth)}");
        if (Body(step) is { } body)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (step["contentType"]?.GetValue<string>() is { } type)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        foreach (var (name, value) in step["headers"] as JsonObject ?? [])
            request.Headers.TryAddWithoutValidation(name, value!.ToString());
        if (!request.Headers.Contains("Accept"))
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
        return request;
    }

    private string? Body(JsonObject step)
    {
        if (step.TryGetPropertyValue("requestBody", out var body))
            return PythonJson.Write(_placeholders.Fill(body));
        if (step["requestBodyRaw"] is { } raw)
            return _placeholders.Fill(raw.GetValue<string>());
        if (step["requestBodyGenerate"] is not JsonObject generate)
            return null;
        var repeated = new StringBuilder().Insert(0, generate["repeat"]!.GetValue<string>(), generate["count"]!.GetValue<int>());
        return $"{generate["prefix"]}{repeated}{generate["suffix"]}";
    }

    private void Check(JsonObject step, HttpResponseMessage response, byte[] data)
    {
        var expected = (JsonObject)step["expect"]!;
        var text = Encoding.UTF8.GetString(data);
        if ((int)response.StatusCode != expected["status"]!.GetValue<int>())
            throw new Mismatch($"status: expected {expected["status"]}, got {(int)response.StatusCode}: {text[..Math.Min(400, text.Length)]}");
        CheckHeaders(expected, response);
        var trial = _placeholders.Copy();
        if (expected.TryGetPropertyValue("body", out var body))
        {
            var mode = expected["match"]?.GetValue<string>() is { } match and not "exact" ? match : "";
            var actual = JsonNode.Parse(text);
            new Comparison(trial, Ignored(expected), mode, expected["looseMessage"]?.GetValue<bool>() ?? false).Match(body, actual, "body");
            CheckVersionRises(step, response, body, actual);
            foreach (var path in Scenario.Texts(expected["absent"]))
            {
                if (path.Split('.').Aggregate(actual, (at, name) => (at as JsonObject)?[name]) is { } found)
                    throw new Mismatch($"{path} must be absent, is {found.ToJsonString()}");
            }
        }
        else if (expected["bodyText"] is { } bodyText)
            trial.MatchText(bodyText.GetValue<string>(), text, "bodyText");

        Commit(trial);
    }

    private static void CheckHeaders(JsonObject expected, HttpResponseMessage response)
    {
        foreach (var (name, value) in expected["headers"] as JsonObject ?? [])
        {
            var wanted = value is JsonArray list ? Scenario.Texts(list) : [value!.GetValue<string>()];
            var got = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
                .Where(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).SelectMany(header => header.Value).ToList();
            if (!wanted.SequenceEqual(got))
                throw new Mismatch($"header {name}: expected [{string.Join(" | ", wanted)}], got [{string.Join(" | ", got)}]");
        }
    }

    private void CheckVersionRises(JsonObject step, HttpResponseMessage response, JsonNode? expected, JsonNode? actual)
    {
        if (step["method"]!.GetValue<string>() is not ("POST" or "PUT" or "PATCH") || (int)response.StatusCode is not (200 or 201))
            return;
        if ((step["query"] as JsonObject)?["dryRun"] is not null || step["until"] is not null)
            return;
        var wanted = ((expected as JsonObject)?["metadata"] as JsonObject)?["resourceVersion"]?.ToString();
        var got = ((actual as JsonObject)?["metadata"] as JsonObject)?["resourceVersion"]?.ToString();
        if (wanted is null || got is null || !Placeholders.IsWhole(wanted) || _placeholders.IsBound(wanted))
            return;
        if (long.Parse(got, CultureInfo.InvariantCulture) <= _highest)
            throw new Mismatch($"a write must give a resourceVersion above every earlier one: {got} after {_highest}");
    }

    private HashSet<string> Ignored(JsonObject from) => [.. scenario.Ignored, .. Scenario.Texts(from["ignoreKeys"])];

    private void Commit(Placeholders trial)
    {
        _placeholders.TakeOver(trial);
        _highest = Math.Max(_highest, _placeholders.HighestVersion);
    }

    private async Task WatchAsync(JsonObject step, JsonObject watch)
    {
        if (watch["close"] is { } close)
        {
            _watches.Remove(close.GetValue<string>(), out var closed);
            (closed ?? throw new Mismatch("the watch was not open")).Dispose();
            return;
        }

        var id = (watch["id"] ?? watch["read"])!.GetValue<string>();
        if (watch["id"] is not null)
        {
            var response = await SendAsync(step, HttpCompletionOption.ResponseHeadersRead);
            var expected = (JsonObject)step["expect"]!;
            if ((int)response.StatusCode != 200 || expected["status"]!.GetValue<int>() != 200)
            {
                Check(step, response, await response.Content.ReadAsByteArrayAsync());
                return;
            }

            CheckHeaders(expected, response);
            _watches[id] = new OpenWatch(response);
        }

        if (step["expectEvents"] is JsonArray events)
        {
            var open = _watches.GetValueOrDefault(id) ?? throw new Mismatch("the watch is not open");
            var patience = TimeSpan.FromSeconds(IsHopeless(step) ? LittleHope : (step["timeoutSeconds"]?.GetValue<double>() ?? 20) + 10);
            await new EventReading(target, open, step, _placeholders, Commit, Ignored(step), patience).ReadAsync([.. events.Cast<JsonObject>()]);
        }
    }
}
