using System.CommandLine;
using System.Text.Json;
using Benchmarks.Cases;
using Benchmarks.Loading;
using Benchmarks.Measuring;
using Benchmarks.Memory;
using Benchmarks.Reporting;
using Benchmarks.Scoring;
using Benchmarks.Streaming;
using Benchmarks.Uploading;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Native;

HostAllocator.KeepFreedMemory();

string[] names = [.. BenchCase.All.Select(bench => bench.Name)];

var cases = new Option<string[]>("--case")
{
    Description = $"Case to measure; all training steps without it. {LoadBenchmark.Name}: a file of 5 GB; {DataBenchmark.Name}: pairs from shards, 1 GB of disk; {ScoreBenchmark.Name}: scorers of the published sizes; {GpuPlans.Name}: memory that the published models would take on a GPU, planned and not measured; {UploadBenchmark.Name}: 2 GB to the servers of `make bench-upload`",
    DefaultValueFactory = _ => names,
};
cases.AcceptOnlyFromAmong([.. names, LoadBenchmark.Name, DataBenchmark.Name, ScoreBenchmark.Name, GpuPlans.Name, UploadBenchmark.Name]);
var threads = new Option<int[]>("--threads") { Description = "Threads of libtorch; 1 and 2 without it", DefaultValueFactory = _ => [1, 2] };
var checkpointing = new Option<bool>("--checkpointing") { Description = "Compute activations again in the backward pass" };
var precision = new Option<Precision>("--precision") { Description = "What the networks compute in", DefaultValueFactory = _ => Precision.Float32 };
var json = new Option<bool>("--json") { Description = "All figures as JSON, instead of tables" };
var operators = new Option<int>("--operators") { Description = "Also list that many of the most expensive operators" };
var place = new Option<string?>("--place") { Description = $"Where case {DataBenchmark.Name} writes its shards: a directory or a URI; this machine's disk without it" };
var measure = new Option<bool>(ChildProcess.MeasureOption) { Hidden = true };
var measureLoad = new Option<string?>(LoadBenchmark.MeasureOption) { Hidden = true };

var measureData = new Option<string?>(DataBenchmark.MeasureOption) { Hidden = true };
var measureResume = new Option<string?>(DataBenchmark.ResumeOption) { Hidden = true };
var measureMemory = new Option<string?>(MemoryBenchmark.MeasureOption) { Hidden = true };
var measureUpload = new Option<string[]>(UploadBenchmark.MeasureOption) { Hidden = true };
var prepareMemory = new Option<string?>("--prepare-memory") { Hidden = true };

var root = new RootCommand("Measures the training step: time by phase, memory, and how much of it are libtorch's kernels.")
{
    cases, threads, checkpointing, precision, json, operators, place, measure, measureLoad, measureData, measureResume, measureMemory, prepareMemory, measureUpload,
};
root.SetAction(parsed =>
{
    if (parsed.GetValue(measureLoad) is { } file)
    {
        Console.WriteLine(JsonSerializer.Serialize(LoadBenchmark.Measure(file)));
        return;
    }

    if (parsed.GetValue(measureData) is { } shards)
    {
        Console.WriteLine(JsonSerializer.Serialize(DataBenchmark.Measure(shards)));
        return;
    }

    if (parsed.GetValue(measureResume) is { } manifest)
    {
        Console.WriteLine(JsonSerializer.Serialize(DataBenchmark.Resume(manifest)));
        return;
    }

    if (parsed.GetValue(measureMemory) is { } runFile)
    {
        Console.WriteLine(JsonSerializer.Serialize(MemoryBenchmark.Measure(runFile)));
        return;
    }

    if (parsed.GetValue(measureUpload) is { Length: > 0 } upload)
    {
        Console.WriteLine(JsonSerializer.Serialize(UploadBenchmark.MeasureAsync(upload).GetAwaiter().GetResult()));
        return;
    }

    if (parsed.GetValue(prepareMemory) is { } into)
    {
        if (into.EndsWith(".json")) MemoryBenchmark.Compare(into); else MemoryBenchmark.Prepare(into);
        return;
    }

    string[] named = parsed.GetRequiredValue(cases);
    if (named.Contains(LoadBenchmark.Name)) ReportLoading(parsed.GetValue(json));
    if (named.Contains(DataBenchmark.Name)) ReportData(parsed.GetValue(place), parsed.GetValue(json));
    if (named.Contains(ScoreBenchmark.Name)) ReportScoring(parsed.GetValue(json));
    if (named.Contains(GpuPlans.Name))
        foreach (string line in GpuPlans.Table()) Console.WriteLine(line);
    if (named.Contains(UploadBenchmark.Name)) ReportUploads(parsed.GetValue(json));
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

static void ReportLoading(bool asJson)
{
    string machine = Machine.Line();
    LoadFigures figures = LoadBenchmark.Run();
    if (asJson)
    {
        Console.WriteLine(JsonSerializer.Serialize(new { Machine = machine, Figures = figures }));
        return;
    }

    Console.WriteLine(machine);
    Console.WriteLine();
    LoadTable.Write(Console.Out, figures);
}

static void ReportData(string? place, bool asJson)
{
    string machine = Machine.Line();
    (DataFigures stream, ResumeFigures resume) = DataBenchmark.Run(place);
    if (asJson)
    {
        Console.WriteLine(JsonSerializer.Serialize(new { Machine = machine, Stream = stream, Resume = resume }));
        return;
    }

    Console.WriteLine(machine);
    Console.WriteLine();
    DataTable.Write(Console.Out, stream, resume);
}

static void ReportScoring(bool asJson)
{
    string machine = Machine.Line();
    ScoreFigures[] all = [.. ClipSize.All.Select(ScoreBenchmark.Run)];
    if (asJson)
    {
        Console.WriteLine(JsonSerializer.Serialize(new { Machine = machine, Figures = all }));
        return;
    }

    Console.WriteLine(machine);
    Console.WriteLine();
    ScoreTable.Write(Console.Out, all);
}

static void ReportUploads(bool asJson)
{
    string machine = Machine.Line();
    UploadFigures figures = UploadBenchmark.RunAsync().GetAwaiter().GetResult();
    if (asJson)
    {
        Console.WriteLine(JsonSerializer.Serialize(new { Machine = machine, Figures = figures }));
        return;
    }

    Console.WriteLine(machine);
    Console.WriteLine();
    UploadTable.Write(Console.Out, figures);
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
