using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Builder;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Leadership;
using DiffusionDpo.KubeOps.Queueing;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Hosting;
using DiffusionDpo.Operator.Progress;
using DiffusionDpo.Shared;
using k8s;
using KubeApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>One process of the operator, whole: its host, its clock, its way to the API server.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly ApiServer _server;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly LeaderElection? _election;
    private readonly (string Collection, Func<IReadOnlyDictionary<ObjectKey, ulong>> Versions)[] _caches;

    private Replica(string name, ApiServer server, ApiLink link, StallingTime time, IHost host)
    {
        (Name, _server, Link, Time) = (name, server, link, time);
        var services = host.Services;
        _lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        _queue = services.GetRequiredKeyedService<WorkQueue<ObjectKey>>(typeof(DpoFineTune));
        _election = services.GetRequiredService<Candidacy>().Election;
        _caches =
        [
            ("dpofinetunes.diffusiondpo.io", services.GetRequiredService<ObjectStore<DpoFineTune>>().Versions),
            ("jobs.batch", services.GetRequiredService<ObjectStore<JobView>>().Versions),
            ("pods", services.GetRequiredService<ObjectStore<PodView>>().Versions),
        ];
        Ended = host.RunAsync();
    }

    public string Name { get; }

    public ApiLink Link { get; }

    public StallingTime Time { get; }

    /// <summary>Complete when the process has ended.</summary>
    public Task Ended { get; }

    public bool IsLeader => _election?.IsLeader != false;

    /// <summary>Whether it was ended without being asked.</summary>
    public bool IsKilled { get; private set; }

    /// <summary>When a fine-tune is to be looked at though nothing happens.</summary>
    public DateTimeOffset? NextDue => IsEnding ? null : _queue.NextDue;

    /// <summary>Whether it has seen and done everything that there is at the present time, as far as it can.</summary>
    public bool IsAtRest => IsEnding || Link.IsDown || Time.IsStalled || (_queue.IsIdle && _caches.All(IsCurrent));

    /// <summary>Starts a process.</summary>
    /// <param name="name">Its identity in elections and its User-Agent.</param>
    /// <param name="server">The API server.</param>
    /// <param name="trueTime">The clock of the world.</param>
    /// <param name="trainers">What trainers answer.</param>
    /// <param name="elects">Whether it is one of several.</param>
    public static Replica Start(string name, ApiServer server, TimeProvider trueTime, Trainers trainers, bool elects)
    {
        var (link, time, options) = (new ApiLink(), new StallingTime(trueTime), new OperatorOptions());
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddDdpoOperator(options, settings => settings
            .WithName("ddpo-operator")
            .WithInstance(name)
            .WithLeaderElection(elects ? new LeaderElectionOptions { LeaseName = "ddpo-operator", Namespace = "default", Identity = name } : null)
            .WithConnection(new ApiConnectionOptions
            {
                Configuration = new KubernetesClientConfiguration { Host = "http://emulator.invalid" },
                Transport = () => link.Around(server.CreateHandler()),
                RequestsPerSecond = 1e6,
                Burst = 1_000_000,
                UserAgent = name,
            }));
        builder.Services.AddSingleton(_ => new ProgressReader(new HttpClient(trainers, disposeHandler: false), options, time));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        return new Replica(name, server, link, time, builder.Build());
    }

    /// <summary>Tells it to end in order, as SIGTERM does.</summary>
    public void Stop() => _lifetime.StopApplication();

    /// <summary>Ends it: nothing that is left of it reaches anybody any more.</summary>
    public void Kill()
    {
        IsKilled = true;
        Link.Cut();
        Stop();
    }

    /// <summary>Waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        await Ended;
        Link.Dispose();
    }

    /// <summary>Ended, or on its way there: what it still waits for, it waits for by the clock.</summary>
    private bool IsEnding => Ended.IsCompleted || _lifetime.ApplicationStopping.IsCancellationRequested;

    private bool IsCurrent((string Collection, Func<IReadOnlyDictionary<ObjectKey, ulong>> Versions) cache)
    {
        var (stored, seen) = (_server.Store.List(cache.Collection).Objects, cache.Versions());
        return stored.Count == seen.Count && stored.All(pair =>
            seen.TryGetValue(new ObjectKey(pair.Key.Namespace, pair.Key.Name), out var version) && version == (ulong)pair.Value.ResourceVersion);
    }
}
