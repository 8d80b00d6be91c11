using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionDpo.Cli.Display;

/// <summary>One JSON object per line, for machines.</summary>
/// <param name="output">Where to write.</param>
/// <param name="time">The clock of the timestamps.</param>
internal sealed class JsonDisplay(TextWriter output, TimeProvider time) : IRunDisplay
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, // of records within fields; the fields' own names are given
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <inheritdoc/>
    public void Show(Notice notice)
    {
        Dictionary<string, object?> line = Begin(notice.Event);
        foreach ((string key, object? value) in notice.Fields) line[key] = value;
        if (notice.Fields.Count == 0) line["message"] = notice.Text;
        Write(line);
    }

    /// <inheritdoc/>
    public void Show(StepProgress step)
    {
        Dictionary<string, object?> line = Begin("step");
        line["step"] = step.Step;
        line["totalSteps"] = step.TotalSteps;
        line["loss"] = step.Loss;
        line["implicitAccuracy"] = Known(step.ImplicitAccuracy);
        line["rewardMargin"] = Known(step.RewardMargin);
        line["winnerErrorExcess"] = Known(step.WinnerExcess);
        line["loserErrorExcess"] = Known(step.LoserExcess);
        line["referenceError"] = Known(step.ReferenceError);
        line["gradNorm"] = step.GradNorm;
        line["learningRate"] = step.LearningRate;
        line["pairsPerSecond"] = step.PairsPerSecond;
        line["etaSeconds"] = step.Remaining.TotalSeconds;
        line["phaseSeconds"] = step.Phases;
        Write(line);
    }

    /// <inheritdoc/>
    public void Dispose() => output.Flush();

    private static double? Known(double value) => double.IsNaN(value) ? null : value;

    private Dictionary<string, object?> Begin(string name) => new() { ["time"] = time.GetUtcNow().ToString("O"), ["event"] = name };

    private void Write(Dictionary<string, object?> line)
    {
        lock (output) output.WriteLine(JsonSerializer.Serialize(line, s_json));
        output.Flush();
    }
}
