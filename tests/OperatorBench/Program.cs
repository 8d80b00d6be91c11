using OperatorBench.Loading;
using OperatorBench.Measuring;
using OperatorBench.Processes;
using OperatorBench.Reporting;

// The operator, the API server emulator and this program are three processes. Every figure has its limit beside it; a missed one is exit code 1.
// OperatorBench [healthy] [starts] [reactions] [creations] [failovers]: after the cold start only these parts; without any, all.
const double ColdStartSeconds = 30, MemoryMiB = 256;
List<Figure> figures = [];
var file = Path.Combine(Path.GetTempPath(), $"operator-bench-{Environment.ProcessId}.objects");
try
{
    await using var trainers = await TrainerStatus.StartAsync(Population.Active);
    Console.Error.WriteLine("making the objects");
    Population.Write(await Templates.MakeAsync(trainers), file);
    await using var emulator = await Emulator.StartAsync(file);
    using var api = new ApiSession(emulator.Address);

    Console.Error.WriteLine("cold start");
    await using (var operatorProcess = new OperatorProcess(emulator.Address, trainers.Port))
    {
        figures.Add(new Figure("cold start to complete caches", (await operatorProcess.UntilSyncedAsync()).TotalSeconds, "s", ColdStartSeconds));
        await operatorProcess.UntilQuietAsync(TimeSpan.FromSeconds(60));
        figures.Add(new Figure("resident memory once settled", operatorProcess.Memory.ResidentMiB, "MiB", MemoryMiB));

        await PartAsync("healthy", () => HealthyRuns.MeasureAsync(api, trainers));
        await PartAsync("starts", () => ReconcileStarts.MeasureAsync(api, operatorProcess));
        await PartAsync("reactions", () => Reactions.MeasureAsync(api));
        await PartAsync("creations", () => Creations.MeasureAsync(api));
        await operatorProcess.UntilQuietAsync(TimeSpan.FromSeconds(30));
        figures.Add(new Figure("resident memory at the end", operatorProcess.Memory.ResidentMiB, "MiB", MemoryMiB));
        figures.Add(new Figure("resident memory, highest ever", operatorProcess.Memory.PeakMiB, "MiB", MemoryMiB));
        figures.Add(new Figure("processor time of the operator", operatorProcess.Memory.CpuSeconds, "s"));
        foreach (var warning in operatorProcess.Warnings().Take(10)) Console.Error.WriteLine(warning);
    }

    await PartAsync("failovers", () => Failovers.MeasureAsync(api, () => new OperatorProcess(emulator.Address, trainers.Port, "--leader-elect")));
}
finally
{
    File.Delete(file);
}

async Task PartAsync(string name, Func<Task<IReadOnlyList<Figure>>> measure)
{
    if (args.Length > 0 && !args.Contains(name)) return;
    Console.Error.WriteLine(name);
    List<Figure> part = [.. await measure(), new Figure($"load average of the {Environment.ProcessorCount} cores after that", LoadAverage.LastMinute(), "")];
    foreach (var figure in part) Console.Error.WriteLine($"  {figure.What}: {figure.Value:0.##} {figure.Unit}");
    figures.AddRange(part);
}

Console.WriteLine(FigureTable.Write(figures));
return figures.Any(figure => figure.IsMissed) ? 1 : 0;
