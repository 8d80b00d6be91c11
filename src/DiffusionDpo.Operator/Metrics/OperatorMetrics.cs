using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.Operator.Objects;
using Prometheus;

namespace DiffusionDpo.Operator.Metrics;

/// <summary>All metrics about fine-tunes. Labels that name a run exist for active runs only. docs/metrics.md has the table.</summary>
internal sealed class OperatorMetrics
{
    private static readonly double[] s_waits = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400];
    private readonly IObjectCache<DpoFineTune> _fineTunes;
    private readonly TimeProvider _time;
    private readonly Gauge _runs;
    private readonly Gauge _checkpointAge;
    private readonly Counter _attempts;
    private readonly Counter _gpuSeconds;
    private readonly Counter _lostGpuSeconds;
    private readonly Counter _hangs;
    private readonly Counter _statusWrites;
    private readonly Histogram _queueWait;
    private readonly Histogram _firstStep;
    private readonly Histogram _recovery;

    /// <summary>Registers the metrics.</summary>
    public OperatorMetrics(CollectorRegistry registry, IObjectCache<DpoFineTune> fineTunes, TimeProvider time)
    {
        (_fineTunes, _time) = (fineTunes, time);
        var make = Prometheus.Metrics.WithCustomRegistry(registry);
        _runs = make.CreateGauge("dpo_finetune_runs", "Fine-tunes by the phase of their run.", "phase");
        _checkpointAge = make.CreateGauge("dpo_finetune_checkpoint_age_seconds", "Time since the newest checkpoint of a running run.", "namespace", "name");
        _attempts = make.CreateCounter("dpo_finetune_attempts_total", "Ended attempts by stage and by how they ended.", "stage", "class");
        _gpuSeconds = make.CreateCounter("dpo_finetune_gpu_seconds_total", "GPU seconds that ended attempts held.");
        _lostGpuSeconds = make.CreateCounter("dpo_finetune_lost_gpu_seconds_total", "GPU seconds of these that no checkpoint kept.");
        _hangs = make.CreateCounter("dpo_finetune_hangs_total", "Attempts that ended because they made no progress.");
        _statusWrites = make.CreateCounter("dpo_finetune_status_writes_total", "Writes of a fine-tune's status.");
        var waits = new HistogramConfiguration { Buckets = s_waits };
        _queueWait = make.CreateHistogram("dpo_finetune_queue_wait_seconds", "From an attempt's Job to all of its pods running.", waits);
        _firstStep = make.CreateHistogram("dpo_finetune_time_to_first_step_seconds", "From a run's start to its first optimizer step.", waits);
        _recovery = make.CreateHistogram("dpo_finetune_time_to_recover_seconds", "From the end of a failed attempt to all pods of the next one running.", waits);
        registry.AddBeforeCollectCallback(Collect);
    }

    /// <summary>An attempt has ended.</summary>
    public void AttemptEnded(AttemptStatus attempt)
    {
        _attempts.WithLabels(RunNames.Word(attempt.Stage), attempt.Class ?? "").Inc();
        _gpuSeconds.Inc(attempt.GpuSeconds ?? 0);
        _lostGpuSeconds.Inc(attempt.LostGpuSeconds ?? 0);
        if (attempt.Class == $"{Attempts.AttemptClass.Hang}") _hangs.Inc();
    }

    /// <summary>All pods of an attempt run.</summary>
    /// <param name="sinceJob">Time since its Job was created.</param>
    /// <param name="sinceFailure">Time since the attempt before it failed; null where none did.</param>
    public void PodsRunning(TimeSpan sinceJob, TimeSpan? sinceFailure)
    {
        _queueWait.Observe(sinceJob.TotalSeconds);
        if (sinceFailure is { } recovery) _recovery.Observe(recovery.TotalSeconds);
    }

    /// <summary>A run has done its first step.</summary>
    public void FirstStep(TimeSpan sinceStart) => _firstStep.Observe(sinceStart.TotalSeconds);

    /// <summary>A status was written.</summary>
    public void StatusWritten() => _statusWrites.Inc();

    private void Collect()
    {
        var counts = Enum.GetValues<FineTunePhase>().ToDictionary(phase => phase, _ => 0);
        HashSet<(string, string)> running = [];
        var now = _time.GetUtcNow();
        foreach (var fineTune in _fineTunes.List())
        {
            var phase = fineTune.Status?.Phase ?? FineTunePhase.Pending;
            counts[phase]++;
            if (phase is not FineTunePhase.Running || fineTune.Status?.LastCheckpoint is not { } checkpoint) continue;
            var key = (fineTune.Metadata.NamespaceProperty, fineTune.Metadata.Name);
            running.Add(key);
            _checkpointAge.WithLabels(key.NamespaceProperty, key.Name).Set(Math.Max(0, (now - checkpoint.Time).TotalSeconds));
        }

        foreach (var (phase, count) in counts) _runs.WithLabels($"{phase}").Set(count);
        foreach (var labels in _checkpointAge.GetAllLabelValues().Where(labels => !running.Contains((labels[0], labels[1])))) _checkpointAge.RemoveLabelled(labels);
    }
}
