using System.Text.Json.Nodes;

namespace DiffusionDpo.Cli.Tests.Browsing;

/// <summary>What a browser made of a page.</summary>
/// <param name="Problems">All that is wrong with it.</param>
/// <param name="Facts">What the probe found.</param>
internal sealed record PageVisit(IReadOnlyList<string> Problems, JsonObject Facts)
{
    private const int Height = 900;

    public static async Task<PageVisit> MakeAsync(DevTools tools, Uri page, PageWindow window)
    {
        string target = (string)(await tools.SendAsync("Target.createTarget", new() { ["url"] = "about:blank" }))["targetId"]!;
        string session = (string)(await tools.SendAsync("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }))["sessionId"]!;
        foreach (string domain in (string[])["Page", "Runtime", "Log", "Network"]) await Send($"{domain}.enable");
        await Send("Emulation.setDeviceMetricsOverride", new() { ["width"] = window.Width, ["height"] = Height, ["deviceScaleFactor"] = 1, ["mobile"] = window.Width < 500 });
        await Send("Emulation.setEmulatedMedia", new() { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = window.IsDark ? "dark" : "light" }) });
        await Send("Page.navigate", new() { ["url"] = page.AbsoluteUri });
        await tools.WaitForAsync("Page.loadEventFired", session);
        if (window.Picture is not null) await DrawAsync(window.Picture);
        JsonObject facts = JsonNode.Parse((string)(await EvaluateAsync(PageProbe.Script(window)))!)!.AsObject();
        PageVisit visit = new([.. facts["problems"]!.AsArray().Select(one => (string)one!), .. tools.EventsOf(session).Select(one => Problem(one, page)).OfType<string>()], facts);
        await tools.SendAsync("Target.closeTarget", new() { ["targetId"] = target });
        return visit;

        Task<JsonObject> Send(string method, JsonObject? parameters = null) => tools.SendAsync(method, parameters, session);

        async Task<JsonNode?> EvaluateAsync(string script)
        {
            JsonObject result = await Send("Runtime.evaluate", new() { ["expression"] = script, ["awaitPromise"] = true, ["returnByValue"] = true });
            return result["exceptionDetails"] is { } thrown ? throw new InvalidOperationException(thrown.ToJsonString()) : result["result"]!["value"];
        }

        async Task DrawAsync(string picture)
        {
            double height = (double)(await EvaluateAsync("document.documentElement.scrollHeight"))!;
            JsonObject clip = new() { ["x"] = 0, ["y"] = 0, ["width"] = window.Width, ["height"] = Math.Min(window.PictureHeight, height), ["scale"] = 1 };
            JsonObject drawn = await Send("Page.captureScreenshot", new() { ["captureBeyondViewport"] = true, ["clip"] = clip });
            Directory.CreateDirectory(Path.GetDirectoryName(picture)!);
            await File.WriteAllBytesAsync(picture, Convert.FromBase64String((string)drawn["data"]!));
        }
    }

    private static string? Problem(JsonObject happened, Uri page)
    {
        JsonNode told = happened["params"]!;
        return (string)happened["method"]! switch
        {
            "Runtime.exceptionThrown" => $"exception: {told["exceptionDetails"]!.ToJsonString()}",
            "Runtime.consoleAPICalled" when (string?)told["type"] is "error" or "warning" or "assert" => $"console: {told["args"]!.ToJsonString()}",
            "Log.entryAdded" when (string?)told["entry"]!["level"] is "error" or "warning" => $"log: {told["entry"]!["text"]} {told["entry"]!["url"]}",
            "Network.requestWillBeSent" when !IsOwn((string)told["request"]!["url"]!, page) => $"request: {told["request"]!["url"]}",
            _ => null,
        };
    }

    private static bool IsOwn(string address, Uri page) => address == page.AbsoluteUri || address.StartsWith("data:", StringComparison.Ordinal);
}
