using System.CommandLine;
using System.Text.Json;
using Benchmarks;
using Benchmarks.Cases;
using Benchmarks.Measuring;
using Benchmarks.Reporting;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Native;

HostAllocator.KeepFreedMemory();

string[] names = [.. BenchCase.All.Select(bench => bench.Name)];

var cases = new Option<string[]>("--case")
{
    Description = $"Case to measure; all training steps without it. {string.Join("; ", Benchmark.All.Select(each => $"{each.Name}: {each.Description}"))}",
    DefaultValueFactory = _ => names,
};
cases.AcceptOnlyFromAmong([.. names, .. Benchmark.All.Select(each => each.Name)]);
var threads = new Option<int[]>("--threads") { Description = "Threads of libtorch; 1 and 2 without it", DefaultValueFactory = _ => [1, 2] };
var checkpointing = new Option<bool>("--checkpointing") { Description = "Compute activations again in the backward pass" };
var precision = new Option<Precision>("--precision") { Description = "What the networks compute in", DefaultValueFactory = _ => Precision.Float32 };
var json = new Option<bool>("--json") { Description = "All figures as JSON, instead of tables" };
var operators = new Option<int>("--operators") { Description = "Also list that many of the most expensive operators" };
var measure = new Option<bool>(ChildProcess.MeasureOption) { Hidden = true };
var part = new Option<string[]>(ChildProcess.PartOption) { Hidden = true, AllowMultipleArgumentsPerToken = true };

var root = new RootCommand("Measures the training step: time by phase, memory, and how much of it are libtorch's kernels.")
{
    cases, threads, checkpointing, precision, json, operators, measure, part,
};
root.SetAction(parsed =>
{
    if (parsed.GetValue(part) is [var wantedPart, .. var arguments])
    {
        Console.WriteLine(JsonSerializer.Serialize(Benchmark.All.SelectMany(each => each.Parts).Single(each => each.Key == wantedPart).Value(arguments)));
        return;
    }

    string[] named = parsed.GetRequiredValue(cases);
    foreach (Benchmark each in Benchmark.All.Where(each => named.Contains(each.Name))) Tell(each, parsed.GetValue(json));
    (BenchCase Case, int Threads)[] wanted =
        [.. named.Intersect(names).SelectMany(name => parsed.GetRequiredValue(threads), (name, count) => (Named(parsed, name), count))];
    if (parsed.GetValue(measure))
        Console.WriteLine(JsonSerializer.Serialize(Measurement.Of(wanted[0].Case, wanted[0].Threads)));
    else if (wanted.Length > 0)
        Report(wanted, parsed.GetValue(json), parsed.GetValue(operators));
});
return root.Parse(args).Invoke();

BenchCase Named(ParseResult parsed, string name) => BenchCase.Named(name) with
{
    Checkpointing = parsed.GetValue(checkpointing), Precision = parsed.GetValue(precision),
};

static void Tell(Benchmark benchmark, bool asJson)
{
    string machine = Machine.Line();
    BenchmarkResult result = benchmark.Run();
    if (asJson)
    {
        Console.WriteLine(JsonSerializer.Serialize(new { Machine = machine, result.Figures }));
        return;
    }

    Console.WriteLine(machine);
    Console.WriteLine();
    result.Write(Console.Out);
}

static void Report((BenchCase Case, int Threads)[] wanted, bool asJson, int operators)
{
    string machine = Machine.Line();
    Figures[] all = [.. wanted.Select(each => ChildProcess.Measure(each.Case, each.Threads))];
    if (asJson)
    {
        Console.WriteLine(JsonSerializer.Serialize(new { Machine = machine, Figures = all }));
        return;
    }

    Console.WriteLine(machine);
    Console.WriteLine();
    FiguresTable.Write(Console.Out, all);
    if (operators == 0) return;
    foreach (Figures figures in all) OperatorTable.Write(Console.Out, figures, operators);
}
