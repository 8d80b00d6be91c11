using DiffusionDpo.KubeOps.Timestamps;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Events;

/// <summary>Occurrences that are told as one event with a count.</summary>
internal sealed class EventSeries(Occurrence first, string name, TimeProvider time)
{
    private static readonly TimeSpan s_firstInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_lastInterval = TimeSpan.FromMinutes(5);
    private TimeSpan _interval = TimeSpan.Zero;
    private long _tried = time.GetTimestamp();
    private long _seen = time.GetTimestamp();
    private DateTimeOffset _lastTime = first.Time;
    private int _count = 1;
    private int _told;

    /// <summary>The event as the API server has it; null where it has none.</summary>
    public Eventsv1Event? Stored { get; private set; }

    /// <summary>Time since the last occurrence.</summary>
    public TimeSpan Age => time.GetElapsedTime(_seen);

    /// <summary>Whether the API server has yet to hear of an occurrence.</summary>
    public bool IsDirty => _count > _told;

    /// <summary>Time until it should be told; only of meaning where there is something to tell.</summary>
    public TimeSpan UntilDue => _interval - time.GetElapsedTime(_tried);

    /// <summary>It happened again.</summary>
    public void Add(Occurrence again)
    {
        _count++;
        (_seen, _lastTime) = (time.GetTimestamp(), again.Time);
    }

    /// <summary>The event to write now. What goes on is told less and less often: after 5 s, 10 s, up to 5 minutes.</summary>
    /// <param name="controller">Who tells it: the program.</param>
    /// <param name="instance">Who tells it: the process.</param>
    /// <param name="count">How many occurrences it tells of.</param>
    public Eventsv1Event ToWrite(string controller, string instance, out int count)
    {
        _tried = time.GetTimestamp();
        _interval = _interval == TimeSpan.Zero ? s_firstInterval : _interval * 2 < s_lastInterval ? _interval * 2 : s_lastInterval;
        count = _count;
        return new Eventsv1Event
        {
            ApiVersion = $"{Eventsv1Event.KubeGroup}/{Eventsv1Event.KubeApiVersion}",
            Kind = Eventsv1Event.KubeKind,
            Metadata = Stored?.Metadata ?? new V1ObjectMeta { Name = name, NamespaceProperty = NamespaceOf(first.Regarding) },
            EventTime = MicroTime.Of(first.Time.UtcDateTime),
            Series = count > 1 ? new Eventsv1EventSeries { Count = count, LastObservedTime = MicroTime.Of(_lastTime.UtcDateTime) } : null,
            ReportingController = controller,
            ReportingInstance = instance,
            Regarding = first.Regarding,
            Type = $"{first.Kind}",
            Reason = first.Reason,
            Action = first.Action,
            Note = first.Note,
        };
    }

    /// <summary>The API server has it.</summary>
    public void Told(Eventsv1Event stored, int count) => (Stored, _told) = (stored, count);

    // Events about cluster-scoped objects have to be somewhere.
    private static string NamespaceOf(V1ObjectReference regarding) => string.IsNullOrEmpty(regarding.NamespaceProperty) ? "default" : regarding.NamespaceProperty;
}
