using OperatorBench.Loading;
using OperatorBench.Reporting;

namespace OperatorBench.Measuring;

/// <summary>Writes of the operator to fine-tunes whose runs do well: all 1,000 of them, whose trainers make progress and save checkpoints.</summary>
internal static class HealthyRuns
{
    private const double LimitPerMinute = 2;
    private const int Minutes = 2;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(ApiSession api, TrainerStatus trainers)
    {
        await using var watch = await api.WatchAsync("/apis/diffusiondpo.io/v1alpha1/dpofinetunes");
        var asked = trainers.Asked;
        await Task.Delay(TimeSpan.FromMinutes(Minutes));
        var answers = trainers.Asked - asked;
        var changes = watch.Take().GroupBy(change => change.Item.GetProperty("metadata").GetProperty("name").GetString()).ToList();
        var writes = changes.ToDictionary(run => run.Key!, run => run.Count());
        if (changes.MaxBy(run => run.Count()) is { } busiest && busiest.Count() > LimitPerMinute * Minutes)
        {
            foreach (var change in busiest) Console.Error.WriteLine(change.Item.GetProperty("status"));
        }

        return
        [
            new Figure("status writes per minute and healthy run, the busiest run", writes.Values.DefaultIfEmpty().Max() / (double)Minutes, "", LimitPerMinute),
            new Figure("the same, mean over the runs", writes.Values.Sum() / (double)Minutes / Population.Active, "", LimitPerMinute),
            new Figure("runs whose progress was not written", Enumerable.Range(0, Population.Active).Count(number => !writes.ContainsKey(Population.Name(number))), "", 0),
            new Figure("looks at a trainer per minute and run", answers / (double)Minutes / Population.Active, ""),
        ];
    }
}
