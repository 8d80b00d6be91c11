using KubeApi.Cluster.Disruption;
using KubeApi.Cluster.Endpoints;
using KubeApi.Cluster.GarbageCollection;
using KubeApi.Cluster.Jobs;
using KubeApi.Cluster.Kubelets;
using KubeApi.Cluster.Namespaces;
using KubeApi.Cluster.Nodes;
using KubeApi.Cluster.Scheduling;
using KubeApi.Storage;

namespace KubeApi.Cluster;

/// <summary>
/// The rest of a cluster around the API server: controllers, scheduler and kubelets. Nothing sleeps: <see cref="SettleAsync"/> does what
/// there is to do at the server's present time, and <see cref="NextDue"/> says when there will be more. <see cref="Start"/> does that in the
/// background.
/// </summary>
public sealed class FakeCluster : IAsyncDisposable
{
    private const int MostSteps = 1_000_000;
    private readonly WorkQueue _queue = new();
    private readonly ClusterView _view;
    private readonly List<IController> _controllers;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<Work, int> _conflicts = [];
    private Task _background = Task.CompletedTask;
    private long _seen;

    public FakeCluster(ApiServer server, FakeClusterOptions? options = null)
    {
        options ??= new FakeClusterOptions();
        Server = server;
        ExtraResources.Serve(server);
        _view = new ClusterView(server.Resources);
        Runtime = options.Runtime ?? new ScriptedRuntime(server.Time);
        Nodes = new NodeSet(server);
        var client = new ClusterClient(server, "kube-controller-manager");
        var lifecycle = new NodeLifecycle(client, _view, Nodes, options);
        var kubelet = new Kubelet(new ClusterClient(server, "kubelet"), _view, Runtime, Nodes, options);
        _controllers =
        [
            new NamespaceController(client, _view),
            new ServiceAccountController(client),
            new GarbageCollector(client, _view),
            new JobController(client, _view),
            new TtlController(client),
            new EndpointSliceController(client, _view),
            new DisruptionController(client, _view),
            lifecycle,
            new PodCollector(client, _view),
            new Scheduler(new ClusterClient(server, "kube-scheduler"), _view),
            kubelet,
        ];
        kubelet.Changed = pod => _queue.Add(new Work(kubelet, pod));
        Nodes.Changed = node =>
        {
            _queue.Add(new Work(lifecycle, node));
            foreach (var pod in _view.PodsOn(node.Key.Name))
                _queue.Add(new Work(kubelet, pod));
        };
        Learn();
    }

    public ApiServer Server { get; }

    public IContainerRuntime Runtime { get; }

    public NodeSet Nodes { get; }

    /// <summary>The last request of a controller that the server refused for other reasons than a race; it is tried again every second.</summary>
    public string? LastRefusal { get; private set; }

    /// <summary>When time alone will make something happen; null = never.</summary>
    public DateTimeOffset? NextDue => _queue.NextDue;

    /// <summary>Runs controllers until there is nothing to do at the present time.</summary>
    public async Task SettleAsync()
    {
        await _turn.WaitAsync();
        try
        {
            for (var step = 0; step < MostSteps; step++)
            {
                Observe();
                if (!_queue.TryTake(Server.Time.GetUtcNow(), out var work))
                    return;
                await StepAsync(work);
            }

            throw new InvalidOperationException("the cluster does not come to rest");
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Settles after every change and at every due time until the cluster is disposed.</summary>
    public void Start() => _background = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _background;
        if (Runtime is IAsyncDisposable runtime)
            await runtime.DisposeAsync();
        _stop.Dispose();
        _turn.Dispose();
    }

    private async Task RunAsync()
    {
        var stopped = new TaskCompletionSource();
        await using var registration = _stop.Token.Register(() => stopped.TrySetResult());
        while (!_stop.IsCancellationRequested)
        {
            var added = _queue.Added.Task;
            await SettleAsync();
            var (changes, changed) = Server.Store.AllChanges(Math.Max(_seen, Server.Store.Oldest));
            if (changes.Count > 0)
                continue;
            using var delay = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            await Task.WhenAny(stopped.Task, changed, added, DueAsync(delay.Token));
            await delay.CancelAsync();
        }
    }

    private async Task DueAsync(CancellationToken cancellation)
    {
        var wait = NextDue is { } due ? due - Server.Time.GetUtcNow() : Timeout.InfiniteTimeSpan;
        if (wait < TimeSpan.Zero && wait != Timeout.InfiniteTimeSpan)
            wait = TimeSpan.Zero;
        await Task.Delay(wait, Server.Time, cancellation).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task StepAsync(Work work)
    {
        try
        {
            _queue.Schedule(work, await work.Controller.ReconcileAsync(work.Id));
            _conflicts.Remove(work);
        }
        catch (RefusedException refusal) when (refusal.Status is 404 or 409 or 403)
        {
            // Someone else was faster, or the namespace is going away: look at the newer state, a few times at once, then later.
            var times = _conflicts[work] = _conflicts.GetValueOrDefault(work) + 1;
            if (times < 5)
                _queue.Add(work);
            else
                _queue.Schedule(work, Server.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        }
        catch (RefusedException refusal)
        {
            // Such as a pod that its Job's template makes invalid: it stays so until someone changes something.
            LastRefusal = refusal.Message;
            _queue.Schedule(work, Server.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        }
    }

    private void Observe()
    {
        if (_seen < Server.Store.Oldest)
        {
            Learn();
            return;
        }

        foreach (var change in Server.Store.AllChanges(_seen).Changes)
        {
            _seen = change.ResourceVersion;
            Take(change);
        }
    }

    private void Take(Change change)
    {
        _view.Observe(change.Collection, change.After, change.Kind == ChangeKind.Deleted);
        foreach (var controller in _controllers)
        {
            foreach (var id in controller.Affected(change))
                _queue.Add(new Work(controller, id));
        }
    }

    /// <summary>Everything there is, as if it had just been made.</summary>
    private void Learn()
    {
        _seen = Server.Store.ResourceVersion;
        _view.Clear();
        foreach (var collection in Server.Resources.All.Select(type => type.StoredIn).Distinct())
        {
            foreach (var stored in Server.Store.List(collection).Objects.Values)
                Take(new Change(collection, ChangeKind.Added, null, stored));
        }
    }
}
