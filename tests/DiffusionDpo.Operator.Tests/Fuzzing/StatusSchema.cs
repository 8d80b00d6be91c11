using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Shared;
using k8s;
using KubeApi;
using YamlDotNet.Serialization;

namespace DiffusionDpo.Operator.Tests.Fuzzing;

/// <summary>Whether a status may be written: an API server with our definition takes it, and gives back the same.</summary>
internal sealed class StatusSchema : IDisposable
{
    private const string Path = "/apis/diffusiondpo.io/v1alpha1/namespaces/default/dpofinetunes";
    private readonly HttpClient _client = new(new ApiServer(new ApiServerOptions()).CreateHandler()) { BaseAddress = new Uri("http://emulator.invalid") };
    private readonly HashSet<string> _known = [];
    private JsonObject _fineTune = [];

    public static async Task<StatusSchema> LoadAsync(DpoFineTune fineTune)
    {
        StatusSchema schema = new();
        var definition = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build()
            .Deserialize<object>(await File.ReadAllTextAsync(Repository.Path("crds/dpofinetunes.diffusiondpo.io.yaml")));
        await schema.SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", new SerializerBuilder().JsonCompatible().Build().Serialize(definition));
        var document = Document(fineTune);
        document.Remove("status");
        schema._fineTune = document;
        return schema;
    }

    /// <summary>Fails where the server refuses a status, or keeps another one.</summary>
    public async Task AssertTakesAsync(DpoFineTuneStatus status)
    {
        var document = Document(new DpoFineTune { Status = status });
        document.Remove("spec");
        if (!_known.Add(document["status"]!.ToJsonString())) return;
        var name = $"f{_known.Count}";
        _fineTune["metadata"] = new JsonObject { ["name"] = name };
        document["metadata"] = new JsonObject { ["name"] = name };
        await SendAsync(HttpMethod.Post, Path, _fineTune.ToJsonString());
        var kept = JsonNode.Parse(await SendAsync(HttpMethod.Patch, $"{Path}/{name}/status?fieldManager=test&force=true&fieldValidation=Strict", document.ToJsonString()))!["status"];
        // As the controller compares them: another one would be written again and again.
        Assert.Equal(Compared(document["status"]!), Compared(kept!));
    }

    public void Dispose() => _client.Dispose();

    private static string Compared(JsonNode status) =>
        JsonSerializer.Serialize(KubernetesJson.Deserialize<DpoFineTune>($$"""{"status":{{status.ToJsonString()}}}""").Status, JsonSerializerOptions.Web);

    private static JsonObject Document(DpoFineTune fineTune)
    {
        var document = JsonNode.Parse(KubernetesJson.Serialize(fineTune))!.AsObject();
        (document["apiVersion"], document["kind"]) = ("diffusiondpo.io/v1alpha1", "DpoFineTune");
        return document;
    }

    private async Task<string> SendAsync(HttpMethod method, string path, string body)
    {
        using HttpRequestMessage request = new(method, path)
        {
            Content = new StringContent(body, Encoding.UTF8, method == HttpMethod.Patch ? "application/apply-patch+yaml" : "application/json"),
        };
        using var answer = await _client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}\n{body}");
        return text;
    }
}
