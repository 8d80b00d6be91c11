using System.Globalization;
using KubeApi;
using KubeApi.Cluster;
using KubeApi.Cluster.Kubelets;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Storage;

// KubeApi [--port N] [--crd FILE]... [--load FILE]... [--nodes N [--gpus N]]: serves until it is stopped; the first line of output is the URL.
// A file to load has a collection, a tab and a stored object per line; nothing is checked or defaulted. With nodes there is a cluster around
// the server, whose pods do what their annotations say (AnnotationScript).
var port = 0;
var nodes = 0;
var gpus = 0;
var definitions = new List<string>();
var loads = new List<string>();
for (var index = 0; index + 1 < args.Length; index += 2)
{
    switch (args[index])
    {
        case "--port":
            port = int.Parse(args[index + 1], CultureInfo.InvariantCulture);
            break;
        case "--crd":
            definitions.Add(args[index + 1]);
            break;
        case "--load":
            loads.Add(args[index + 1]);
            break;
        case "--nodes":
            nodes = int.Parse(args[index + 1], CultureInfo.InvariantCulture);
            break;
        case "--gpus":
            gpus = int.Parse(args[index + 1], CultureInfo.InvariantCulture);
            break;
        default:
            Console.Error.WriteLine($"unknown option {args[index]}");
            return 64;
    }
}

var server = new ApiServer();
foreach (var file in definitions)
{
    var answer = await server.HandleAsync(new ApiRequest
    {
        Method = "POST",
        Path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = "application/yaml" },
        Body = await File.ReadAllBytesAsync(file),
    });
    if (answer.Status == 201)
        continue;
    Console.Error.WriteLine($"{file}: {System.Text.Encoding.UTF8.GetString(answer.Body.Span)}");
    return 65;
}

foreach (var line in loads.SelectMany(File.ReadLines))
{
    var tab = line.IndexOf('\t', StringComparison.Ordinal);
    var document = DocumentReader.Read(System.Text.Encoding.UTF8.GetBytes(line[(tab + 1)..]));
    var metadata = document.Metadata();
    server.Store.Create(line[..tab], new ObjectKey(metadata.Text("namespace") ?? "", metadata.Text("name") ?? ""), document, out _);
}

await using var cluster = nodes > 0
    ? new FakeCluster(server, new FakeClusterOptions { Runtime = new ScriptedRuntime(server.Time) { Script = AnnotationScript.Of } })
    : null;
for (var node = 0; node < nodes; node++)
    await cluster!.Nodes.AddAsync($"node-{node}", gpus);
cluster?.Start();
await using var host = await KestrelHost.StartAsync(server, port);
Console.WriteLine(host.Address);
var stopped = new TaskCompletionSource();
using var terminated = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGTERM, signal => { signal.Cancel = true; stopped.TrySetResult(); });
using var interrupted = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGINT, signal => { signal.Cancel = true; stopped.TrySetResult(); });
await stopped.Task;
return 0;
