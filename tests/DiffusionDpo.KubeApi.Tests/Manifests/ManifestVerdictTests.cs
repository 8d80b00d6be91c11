using System.Text.Json.Nodes;
using DiffusionDpo.Shared;
using KubeApi;
using KubeApi.Http;
using KubeApi.Json;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Manifests;

/// <summary>The table of good and bad manifests, put before our definition on a server: its verdicts are those of the validator.</summary>
public sealed class ManifestVerdictTests
{
    private const string Collection = "/apis/diffusiondpo.io/v1alpha1/namespaces/default/dpofinetunes";

    // At the root and about no field: rules were left out, or a number that another cause names has the wrong size.
    private static readonly string[] Remarks = ["some validation rules were not checked", "Checked value must be of type"];

    public static TheoryData<string> Good => In("good");

    public static TheoryData<string> Bad => In("bad");

    public static TheoryData<string> GoodChanges => In("good/changes");

    public static TheoryData<string> BadChanges => In("bad/changes");

    [Theory]
    [MemberData(nameof(Good))]
    public async Task A_good_manifest_is_taken(string path)
    {
        // What was read from a cluster is not created a second time as it is.
        if (!Text(path).Contains("\n  resourceVersion: ", StringComparison.Ordinal))
            Assert.Equal("201", await VerdictAsync(await StartAsync(), "POST", Collection, Text(path)));
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_bad_manifest_is_refused_for_the_same_fields(string path)
    {
        var lines = File.ReadLines(Repository.Path("tests", "manifests", path)).TakeWhile(line => line.StartsWith('#')).ToList();
        var line = lines.FirstOrDefault(line => line.StartsWith("# api-server: ", StringComparison.Ordinal)) ?? "";
        var mark = line.Replace("# api-server: ", "", StringComparison.Ordinal).Split(" (")[0];
        // What kubectl cannot read, reads otherwise or sends elsewhere never comes before the definition as it is written.
        if (mark == "refuses" || line.Contains("kubectl", StringComparison.Ordinal))
            return;
        var verdict = await VerdictAsync(await StartAsync(), "POST", Collection, Text(path));
        var fields = mark.StartsWith("fields=", StringComparison.Ordinal)
            ? mark["fields=".Length..].Split(", ")
            : lines.Where(line => line.StartsWith("# expect: ", StringComparison.Ordinal)).Select(line => line.Split(": ")[1]);
        Assert.Equal(mark == "accepts" ? "201" : $"422 {string.Join(", ", fields.Distinct().Order(StringComparer.Ordinal))}", verdict);
    }

    [Theory]
    [MemberData(nameof(GoodChanges))]
    public async Task A_good_change_is_taken(string path) => Assert.Equal("200", await ChangeAsync(path));

    [Theory]
    [MemberData(nameof(BadChanges))]
    public async Task A_bad_change_is_refused_for_the_same_fields(string path)
    {
        var fields = File.ReadLines(Repository.Path("tests", "manifests", path)).TakeWhile(line => line.StartsWith('#')).Select(line => line.Split(": ")[1]);
        Assert.Equal($"422 {string.Join(", ", fields.Order(StringComparer.Ordinal))}", await ChangeAsync(path));
    }

    private static async Task<string> ChangeAsync(string path)
    {
        var server = await StartAsync();
        var documents = Text(path).Split("\n---\n");
        Assert.Equal("201", await VerdictAsync(server, "POST", Collection, documents[0]));
        var stored = server.Store.List("dpofinetunes.diffusiondpo.io").Objects.Values.Single();
        var next = YamlReader.Read(System.Text.Encoding.UTF8.GetBytes(documents[1]));
        next!.AsObject().Metadata()["resourceVersion"] = stored.ResourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return await VerdictAsync(server, "PUT", $"{Collection}/{stored.Key.Name}", next.ToJsonString());
    }

    private static async Task<ApiServer> StartAsync()
    {
        var server = new ApiServer();
        var verdict = await VerdictAsync(server, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", await File.ReadAllTextAsync(Repository.Path("crds", "dpofinetunes.diffusiondpo.io.yaml")));
        Assert.Equal("201", verdict);
        return server;
    }

    /// <summary>The status, and the fields of the causes; the root stands for the name, which is all that our root rule is about.</summary>
    private static async Task<string> VerdictAsync(ApiServer server, string method, string path, string body)
    {
        var answer = await server.HandleAsync(new ApiRequest
        {
            Method = method,
            Path = path,
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = "application/yaml" },
            Body = System.Text.Encoding.UTF8.GetBytes(body),
        });
        if (answer.Status != 422)
            return answer.Status < 300 ? $"{answer.Status}" : $"{answer.Status} {System.Text.Encoding.UTF8.GetString(answer.Body.Span)}";
        var causes = (DocumentReader.Read(answer.Body.Span).Object("details").Array("causes") ?? []).OfType<JsonObject>()
            .Where(cause => !Remarks.Any(remark => cause.Text("message")!.Contains(remark, StringComparison.Ordinal)))
            .Select(cause => cause.Text("field") is "<nil>" or "" or null ? "metadata.name" : cause.Text("field")!);
        return $"422 {string.Join(", ", causes.Distinct().Order(StringComparer.Ordinal))}";
    }

    private static TheoryData<string> In(string folder) =>
        [.. Directory.GetFiles(Repository.Path("tests", "manifests", folder), "*.yaml").Select(file => $"{folder}/{Path.GetFileName(file)}").Order(StringComparer.Ordinal)];

    private static string Text(string path) => File.ReadAllText(Repository.Path("tests", "manifests", path));
}
