using System.CommandLine;
using DiffusionDpo.KubeOps.Client;
using k8s;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DiffusionDpo.Operator.Hosting;

/// <summary><c>operator run</c>: watches fine-tunes and runs them.</summary>
internal static class RunCommand
{
    /// <summary>The command for the root.</summary>
    public static Command Create()
    {
        OperatorOptions defaults = new();
        var kubeconfig = new Option<FileInfo?>("--kubeconfig") { Description = "The cluster. Default: the one around this process, else $KUBECONFIG, else ~/.kube/config" };
        var ns = new Option<string?>("--namespace", "-n") { Description = "Look after this namespace only. Default: all" };
        var image = new Option<string>("--trainer-image") { Description = "The image of fine-tunes that name none", DefaultValueFactory = _ => defaults.TrainerImage };
        var account = new Option<string?>("--trainer-service-account") { Description = "The ServiceAccount of pods of fine-tunes that name none. Default: the namespace's" };
        var port = new Option<int>("--trainer-port") { Description = "Port of /status and /metrics in trainers' pods", DefaultValueFactory = _ => defaults.TrainerPort };
        var workers = new Option<int>("--workers") { Description = "Fine-tunes that are looked after at once", DefaultValueFactory = _ => 8 };
        var qps = new Option<double>("--kube-api-qps") { Description = "Requests to the API server per second, on average", DefaultValueFactory = _ => 100 };
        var burst = new Option<int>("--kube-api-burst") { Description = "Requests to the API server that may come at once", DefaultValueFactory = _ => 200 };
        var command = new Command("run", "Watch fine-tunes and run them, in a cluster or from outside") { kubeconfig, ns, image, account, port, workers, qps, burst };
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = defaults with
            {
                TrainerImage = parsed.GetRequiredValue(image),
                TrainerServiceAccount = parsed.GetValue(account),
                TrainerPort = parsed.GetValue(port),
            };
            var connection = new ApiConnectionOptions
            {
                Configuration = Configuration(parsed.GetValue(kubeconfig)),
                RequestsPerSecond = parsed.GetValue(qps),
                Burst = parsed.GetValue(burst),
            };
            return RunAsync(options, connection, parsed.GetValue(ns), parsed.GetValue(workers), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(OperatorOptions options, ApiConnectionOptions connection, string? ns, int workers, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
            console.UseUtcTimestamp = true;
        });
        builder.Services.AddDdpoOperator(options, settings => settings
            .WithName(Objects.RunLabels.Operator)
            .WithNamespace(ns)
            .WithConnection(connection)
            .WithReconciling(new() { Workers = workers }));
        using var host = builder.Build();
        await host.RunAsync(cancellationToken).ConfigureAwait(false);
        return 0;
    }

    private static KubernetesClientConfiguration Configuration(FileInfo? kubeconfig) => kubeconfig is null
        ? KubernetesClientConfiguration.BuildDefaultConfig()
        : KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
}
