using KubeApi;
using KubeApi.Cluster;
using KubeApi.Cluster.Kubelets;
using KubeApi.Http;
using KubeApi.Storage;
using DiffusionDpo.Shared;
using OperatorBench.Measuring;
using OperatorBench.Processes;

namespace OperatorBench.Loading;

/// <summary>
/// One fine-tune with everything that belongs to it, once while it runs and once after its end, as the operator itself and a cluster have
/// made them: defaults, managed fields and conditions included. All others are copies with other names.
/// </summary>
/// <param name="Place">Their namespace, as (collection, JSON).</param>
/// <param name="Active">A fine-tune that runs, its Job, Service and eight pods.</param>
/// <param name="Ended">A fine-tune whose run is complete; its objects are gone after their time to live.</param>
internal sealed record Templates((string Collection, string Json) Place, IReadOnlyList<(string Collection, string Json)> Active, (string Collection, string Json) Ended)
{
    public const string Name = "template-of-all";
    public const string Namespace = "default";

    private const int Workers = 8;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static string Yaml(string name) => $$"""
        {
          "apiVersion": "diffusiondpo.io/v1alpha1", "kind": "DpoFineTune", "metadata": { "name": "{{name}}", "namespace": "{{Namespace}}" },
          "spec": {
            "model": { "family": "sdxl", "source": "s3://models/stable-diffusion-xl-base-1.0" },
            "data": { "sources": [{ "uri": "s3://preferences/pick-a-pic-v2/train" }], "heldOut": [{ "uri": "s3://preferences/pick-a-pic-v2/test" }], "cache": "none" },
            "training": { "steps": 2000, "globalBatch": {{Workers * 8 * 4}}, "microBatch": 4 },
            "workers": { "count": {{Workers}}, "gpusPerWorker": 8, "env": { "AWS_REGION": "eu-central-1" } },
            "output": { "uri": "s3://runs/{{name}}" }
          }
        }
        """;

    public static async Task<Templates> MakeAsync(TrainerStatus trainers)
    {
        var server = new ApiServer();
        await using var host = await KestrelHost.StartAsync(server);
        using var api = new ApiSession(host.Address);
        await api.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", await File.ReadAllTextAsync(Repository.Path("crds", "dpofinetunes.diffusiondpo.io.yaml")), "application/yaml");
        var scripts = new ScriptedRuntime(server.Time)
        {
            Script = pod => pod.Job.Contains("-train-", StringComparison.Ordinal) ? PodScript.Runs : PodScript.Exits(0, TimeSpan.FromSeconds(1)),
        };
        await using var cluster = new FakeCluster(server, new FakeClusterOptions { Runtime = scripts });
        for (var node = 0; node < Workers; node++) await cluster.Nodes.AddAsync($"gpu-node-{node}", 8);
        cluster.Start();
        await using var operatorProcess = new OperatorProcess(host.Address, trainers.Port);
        await operatorProcess.UntilSyncedAsync();
        await api.SendAsync("POST", ApiSession.FineTunes(Namespace), Yaml(Name));
        // Not before the trainer's first report is in: otherwise every copy would have one write due.
        await UntilAsync(server, operatorProcess, text => text.Contains("\"phase\":\"Running\"", StringComparison.Ordinal) && text.Contains("\"progress\":", StringComparison.Ordinal));
        List<(string, string)> active = [];
        foreach (var collection in (string[])[ApiSession.FineTuneCollection, "jobs.batch", "services", "pods"])
            active.AddRange(server.Store.List(collection).Objects.Where(item => item.Key.Namespace == Namespace && item.Key.Name != "kubernetes").Select(item => (collection, item.Value.Document().ToJsonString())));
        foreach (var pod in server.Store.List("pods").Objects.Keys.Where(pod => pod.Name.Contains("-train-", StringComparison.Ordinal))) scripts.End(pod, 0);
        await UntilAsync(server, operatorProcess, text => text.Contains("\"phase\":\"Complete\"", StringComparison.Ordinal));
        var place = server.Store.Get("namespaces", new ObjectKey("", Namespace))!.Document().ToJsonString();
        return new Templates(("namespaces", place), active, (ApiSession.FineTuneCollection, FineTune(server)));
    }

    private static string FineTune(ApiServer server) => server.Store.Get(ApiSession.FineTuneCollection, new ObjectKey(Namespace, Name))!.Document().ToJsonString();

    private static async Task UntilAsync(ApiServer server, OperatorProcess operatorProcess, Func<string, bool> holds)
    {
        using var late = new CancellationTokenSource(s_patience);
        while (!holds(FineTune(server)))
        {
            if (late.IsCancellationRequested) throw new TimeoutException($"the template came no further than {FineTune(server)}\n{operatorProcess.Output}");
            await Task.Delay(50);
        }
    }
}
