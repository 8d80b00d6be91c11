using System.CommandLine;
using System.Net;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.KubeOps.Builder;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Health;
using DiffusionDpo.KubeOps.Leadership;
using k8s;
using k8s.Exceptions;
using Microsoft.Extensions.DependencyInjection;
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
        var interval = new Option<int>("--progress-interval")
        {
            Description = "Seconds between two looks at a trainer's progress, and between two writes of it", DefaultValueFactory = _ => (int)defaults.ProgressInterval.TotalSeconds,
        };
        var workers = new Option<int>("--workers") { Description = "Fine-tunes that are looked after at once", DefaultValueFactory = _ => 8 };
        var qps = new Option<double>("--kube-api-qps") { Description = "Requests to the API server per second, on average", DefaultValueFactory = _ => 100 };
        var burst = new Option<int>("--kube-api-burst") { Description = "Requests to the API server that may come at once", DefaultValueFactory = _ => 200 };
        var elect = new Option<bool>("--leader-elect") { Description = "Agree with other replicas on the one that works, by a Lease" };
        var electNamespace = new Option<string>("--leader-election-namespace")
        {
            Description = "Namespace of the Lease", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("POD_NAMESPACE") ?? "default",
        };
        var bind = new Option<string>("--bind") { Description = "Address of the ports below", DefaultValueFactory = _ => "::" };
        var healthPort = new Option<int>("--health-port") { Description = "Port of /livez and /readyz", DefaultValueFactory = _ => 8081 };
        var metricsPort = new Option<int>("--metrics-port") { Description = "Port of /metrics", DefaultValueFactory = _ => 8080 };
        bind.Validators.Add(result =>
        {
            if (!IPAddress.TryParse(result.GetValueOrDefault<string>(), out _)) result.AddError("--bind: give an IP address");
        });
        var command = new Command("run", "Watch fine-tunes and run them, in a cluster or from outside")
        {
            kubeconfig, ns, image, account, port, interval, workers, qps, burst, elect, electNamespace, bind, healthPort, metricsPort,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = defaults with
            {
                TrainerImage = parsed.GetRequiredValue(image),
                TrainerServiceAccount = parsed.GetValue(account),
                TrainerPort = parsed.GetValue(port),
                ProgressInterval = TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(interval))),
            };
            if (Configuration(parsed.GetValue(kubeconfig), parsed.InvocationConfiguration.Error) is not { } configuration)
                return Task.FromResult((int)ExitClass.ConfigurationError);
            var connection = new ApiConnectionOptions
            {
                Configuration = configuration,
                RequestsPerSecond = parsed.GetValue(qps),
                Burst = parsed.GetValue(burst),
            };
            var instance = Environment.GetEnvironmentVariable("POD_NAME") ?? Environment.MachineName;
            var address = IPAddress.Parse(parsed.GetRequiredValue(bind));
            return RunAsync(options, Configure, cancellationToken);

            void Configure(OperatorSettingsBuilder settings) => settings
                .WithName(Objects.RunLabels.Operator)
                .WithInstance(instance)
                .WithNamespace(parsed.GetValue(ns))
                .WithConnection(connection)
                .WithReconciling(new() { Workers = parsed.GetValue(workers) })
                .WithHealth(new HealthOptions { Health = new(address, parsed.GetValue(healthPort)), Metrics = new(address, parsed.GetValue(metricsPort)) })
                .WithLeaderElection(parsed.GetValue(elect) ? Election(parsed.GetRequiredValue(electNamespace), instance) : null);
        });
        return command;
    }

    private static async Task<int> RunAsync(OperatorOptions options, Action<OperatorSettingsBuilder> configure, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
            console.UseUtcTimestamp = true;
        });
        builder.Logging.AddFilter("Microsoft.Hosting", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(28));
        builder.Services.AddDdpoOperator(options, configure);
        using var host = builder.Build();
        var service = host.Services.GetRequiredService<OperatorService>();
        await host.RunAsync(cancellationToken).ConfigureAwait(false);
        return service.LostLeadership ? 1 : 0;
    }

    private static LeaderElectionOptions Election(string ns, string instance) => new()
    {
        LeaseName = Objects.RunLabels.Operator,
        Namespace = ns,
        Identity = $"{instance}_{Guid.NewGuid():N}",
    };

    private static KubernetesClientConfiguration? Configuration(FileInfo? kubeconfig, TextWriter errors)
    {
        try
        {
            return kubeconfig is null ? KubernetesClientConfiguration.BuildDefaultConfig() : KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
        }
        catch (Exception e) when (e is KubeConfigException or IOException or UnauthorizedAccessException or YamlDotNet.Core.YamlException)
        {
            errors.WriteLine($"error: kubeconfig{(kubeconfig is null ? "" : $" {kubeconfig.FullName}")}: {e.Message} — name a working one with --kubeconfig");
            return null;
        }
    }
}
