using System.Diagnostics;
using Benchmarks.Cases;
using Benchmarks.Operators;

namespace Benchmarks.Measuring;

/// <summary>Observes a few steps, then times every operator of them alone.</summary>
internal static class OperatorMeasurement
{
    private const int ObservedSteps = 3;
    private const int Lines = 30;

    public static OperatorFigures Of(StepUnderTest step)
    {
        OperatorRecorder.RequireKnownLibTorch();
        (RecordedOperator[] called, double observed) = Observe(step);
        using var timer = new AloneTimer();
        AloneTime[] alone = [.. called.Select(timer.Time)];
        double inside = called.Sum(each => each.SecondsInPlace);
        return new()
        {
            Calls = called.Sum(each => each.Count) / ObservedSteps,
            Distinct = called.Length,
            AloneSeconds = alone.Sum(each => each.Best) / ObservedSteps,
            OutsideShare = (observed - inside) / observed,
            NotMeasuredShare = alone.Where(each => !each.IsView && !each.IsMeasured).Sum(each => each.Operator.SecondsInPlace) / inside,
            Lines = [.. alone.GroupBy(each => each.Operator.Name).Select(Line).OrderByDescending(line => line.InPlace).Take(Lines)],
        };
    }

    private static (RecordedOperator[] Called, double Seconds) Observe(StepUnderTest step)
    {
        using var recorder = new OperatorRecorder();
        _ = step.Run(); // meets every operator for the first time and holds its arguments
        recorder.Restart();
        long startedAt = Stopwatch.GetTimestamp();
        for (int i = 0; i < ObservedSteps; i++) _ = step.Run();
        double seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds - recorder.OwnSeconds;
        return ([.. recorder.Operators.Where(each => each.Count > 0)], seconds);
    }

    private static OperatorLine Line(IGrouping<string, AloneTime> times) => new(
        times.Key,
        times.Sum(each => each.Operator.Count) / ObservedSteps,
        1000 * times.Sum(each => each.Operator.SecondsInPlace) / ObservedSteps,
        1000 * times.Sum(each => each.Best) / ObservedSteps);
}
