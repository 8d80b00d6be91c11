using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Metrics;

namespace DiffusionDpo.Operator.Reconciling;

/// <summary>What a reconciliation has decided so far: the status to write, then what to do, then what to tell.</summary>
internal sealed class Decision(Observation seen)
{
    private const int RememberedAttempts = 10;
    private readonly List<IRunAction> _actions = [];
    private readonly List<Announcement> _announcements = [];
    private readonly List<Action<OperatorMetrics>> _measures = [];

    /// <summary>What it is decided on.</summary>
    public Observation Seen { get; } = seen;

    /// <summary>The status to write, before anything is done.</summary>
    public DpoFineTuneStatus Status { get; set; } = seen.FineTune.Status ?? new DpoFineTuneStatus();

    /// <summary>What to do once the status says so, in this order.</summary>
    public IReadOnlyList<IRunAction> Actions => _actions;

    /// <summary>What to tell once the status says so.</summary>
    public IReadOnlyList<Announcement> Announcements => _announcements;

    /// <summary>What to count once the status says so.</summary>
    public IReadOnlyList<Action<OperatorMetrics>> Measures => _measures;

    /// <summary>When to look again though nothing happened.</summary>
    public DateTimeOffset? LookAgainAt { get; private set; }

    /// <summary>Why the specification is no good; null where it is.</summary>
    public string? Invalid { get; set; }

    /// <summary>Why the run waits, where no pod's problem says it.</summary>
    public PodProblem? Problem { get; set; }

    /// <summary>Why the run is given up by this decision.</summary>
    public (string Reason, string Sentence)? Failure { get; set; }

    /// <summary>The attempt that is going on.</summary>
    public AttemptStatus? Open => Status.Attempts.LastOrDefault(attempt => attempt.Class is null);

    /// <summary>Whether the run has ended.</summary>
    public bool HasEnded => Status.Phase is FineTunePhase.Complete or FineTunePhase.Failed;

    /// <summary>Optimizer steps of the run.</summary>
    public int TotalSteps => RunPlan.For(Seen.FineTune).Stages[0].Training.Steps!.Value;

    /// <summary>Plans an action.</summary>
    public void Do(IRunAction action) => _actions.Add(action);

    /// <summary>Plans an event.</summary>
    public void Tell(EventKind kind, string reason, string action, string note) => _announcements.Add(new(kind, reason, action, note));

    /// <summary>Plans a measurement.</summary>
    public void Measure(Action<OperatorMetrics> measure) => _measures.Add(measure);

    /// <summary>Looks again at a time, or earlier.</summary>
    public void LookAgain(DateTimeOffset at) => LookAgainAt = LookAgainAt < at ? LookAgainAt : at;

    /// <summary>Replaces the open attempt.</summary>
    public void Update(AttemptStatus attempt) => Status = Status with
    {
        Attempts = [.. Status.Attempts.Select(a => a.Number == attempt.Number ? attempt : a)],
    };

    /// <summary>Adds an attempt.</summary>
    public void Append(AttemptStatus attempt) => Status = Status with
    {
        Attempts = [.. Status.Attempts.Append(attempt).TakeLast(RememberedAttempts)],
        AttemptCount = attempt.Number,
    };
}
