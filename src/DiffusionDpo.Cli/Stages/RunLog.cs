using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Training.HeldOut;

namespace DiffusionDpo.Cli.Stages;

/// <summary>What a run's log of events tells, over all processes that worked on the run.</summary>
internal sealed class RunLog
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private RunLog(IReadOnlyList<LoggedStep> steps, IReadOnlyList<LoggedEvent> events)
    {
        (Steps, Events) = (steps, events);
        HeldOut = [.. events.Where(one => one.Name == TrainingNotices.HeldOutEvent).Select(Measurement).OfType<HeldOutAccuracy>()];
    }

    /// <summary>The steps in order. One that was taken again after an interruption stands here once, as it was taken last.</summary>
    public IReadOnlyList<LoggedStep> Steps { get; }

    /// <summary>All else, as it came.</summary>
    public IReadOnlyList<LoggedEvent> Events { get; }

    /// <summary>Held-out accuracies as they were measured.</summary>
    public IReadOnlyList<HeldOutAccuracy> HeldOut { get; }

    /// <summary>Held-out accuracy before the first step.</summary>
    public HeldOutAccuracy? HeldOutBefore => HeldOut.FirstOrDefault(one => one.Step == 0);

    /// <summary>Held-out accuracy as last measured.</summary>
    public HeldOutAccuracy? HeldOutAfter => HeldOut.LastOrDefault(one => one.Step > 0);

    /// <summary>Whether the objective compares winners with losers.</summary>
    public bool Compares => Steps.Any(step => step.RewardMargin is not null);

    /// <summary>How the last process ended; null while it works, and where it had no time to say so.</summary>
    public LoggedEvent? Ending => Events.LastOrDefault(one => one.Name is RunEnvironment.Event or RunEnding.Stopped or RunEnding.Failed) is { Name: not RunEnvironment.Event } ending ? ending : null;

    /// <summary>Reads a log.</summary>
    /// <param name="path">One JSON object per line; a killed process may have cut any line, and what is no event is passed over.</param>
    public static RunLog Read(string path)
    {
        SortedDictionary<int, LoggedStep> steps = [];
        List<LoggedEvent> events = [];
        foreach (JsonObject line in File.Exists(path) ? Lines(path) : [])
        {
            string? name = Text(line, "event");
            if (name == "step" && Try(() => line.Deserialize<LoggedStep>(s_json)) is { Step: > 0, TotalSteps: > 0 } step) steps[step.Step] = step;
            else if (name is not null && DateTimeOffset.TryParse(Text(line, "time"), out DateTimeOffset time)) events.Add(new(time, name, line));
        }

        return new([.. steps.Values], events);
    }

    /// <summary>The last event of a name.</summary>
    /// <param name="name">Its name.</param>
    public LoggedEvent? Last(string name) => Events.LastOrDefault(one => one.Name == name);

    // The writer may be at work in another process.
    private static IEnumerable<JsonObject> Lines(string path)
    {
        using StreamReader reader = new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is { } line)
            if (Try(() => WithNames(JsonNode.Parse(line))) is { } read) yield return read;
    }

    // The parser notices names that stand there twice when it is asked for one.
    private static JsonObject? WithNames(JsonNode? line) => line is JsonObject read && read.ContainsKey("event") ? read : null;

    private static string? Text(JsonObject line, string field) => line[field] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static HeldOutAccuracy? Measurement(LoggedEvent one) => one switch
    {
        _ when one.Number("step") is { } step && one.Number("pairs") is { } pairs && one.Number("accuracy") is { } accuracy
            && one.Number("lower") is { } lower && one.Number("upper") is { } upper => new((int)step, (int)pairs, accuracy, lower, upper),
        _ => null,
    };

    private static T? Try<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
