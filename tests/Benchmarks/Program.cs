using System.CommandLine;
using System.Text.Json;
using Benchmarks.Cases;
using Benchmarks.Measuring;
using Benchmarks.Reporting;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Native;

HostAllocator.KeepFreedMemory();

string[] names = [.. BenchCase.All.Select(bench => bench.Name)];

var cases = new Option<string[]>("--case") { Description = "Case to measure; all without it", DefaultValueFactory = _ => names };
cases.AcceptOnlyFromAmong(names);
var threads = new Option<int[]>("--threads") { Description = "Threads of libtorch; 1 and 2 without it", DefaultValueFactory = _ => [1, 2] };
var checkpointing = new Option<bool>("--checkpointing") { Description = "Compute activations again in the backward pass" };
var precision = new Option<Precision>("--precision") { Description = "What the networks compute in", DefaultValueFactory = _ => Precision.Float32 };
var json = new Option<bool>("--json") { Description = "All figures as JSON, instead of tables" };
var operators = new Option<int>("--operators") { Description = "Also list that many of the most expensive operators" };
var measure = new Option<bool>(ChildProcess.MeasureOption) { Hidden = true };

var root = new RootCommand("Measures the training step: time by phase, memory, and how much of it are libtorch's kernels.")
{
    cases, threads, checkpointing, precision, json, operators, measure,
};
root.SetAction(parsed =>
{
    (BenchCase Case, int Threads)[] wanted =
        [.. parsed.GetRequiredValue(cases).SelectMany(name => parsed.GetRequiredValue(threads), (name, count) => (Named(parsed, name), count))];
    if (parsed.GetValue(measure))
        Console.WriteLine(JsonSerializer.Serialize(Measurement.Of(wanted[0].Case, wanted[0].Threads)));
    else
        Report(wanted, parsed.GetValue(json), parsed.GetValue(operators));
});
return root.Parse(args).Invoke();

BenchCase Named(ParseResult parsed, string name) => BenchCase.Named(name) with
{
    Checkpointing = parsed.GetValue(checkpointing), Precision = parsed.GetValue(precision),
};

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
