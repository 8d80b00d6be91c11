using System.Diagnostics;
using Benchmarks.Measuring;
using Benchmarks.Servers;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Preparation;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Caching;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Runs;
using DiffusionDpo.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Benchmarks.Preparing;

/// <summary>How fast images and prompts are prepared, and how fast pairs come from what was prepared.</summary>
internal static class PreparedBenchmark
{
    private const string Encode = "prepared-encode", Stream = "prepared-stream", Train = "prepared-steps";
    private const int Rounds = 5;

    /// <summary>It.</summary>
    public static Benchmark Benchmark { get; } = new("prepared", "the stage Prepare, and pairs from what it made: on this machine's disk, and on the S3 server of `make bench-storage`, through a disk cache", () =>
    {
        PreparedFigures figures = Run();
        return new(figures, figures.Write);
    })
    {
        Parts = new Dictionary<string, Func<string[], object>>
        {
            [Encode] = arguments => MeasureEncoding(Read(arguments[0])), [Stream] = arguments => MeasureStream(Read(arguments[0])), [Train] = arguments => MeasureSteps(Read(arguments[0])),
        },
    };

    private static PreparedFigures Run()
    {
        string directory = Directory.CreateTempSubdirectory("ddpo-prepared-").FullName;
        try
        {
            RunFile published = PreparedCase.Published.Write(directory), quick = PreparedCase.Quick.Write(directory);
            StreamFigures[] streams = [.. Places(quick, directory).Select(file => ChildProcess.MeasurePart<StreamFigures>(1, Stream, Save(file)))];
            StepFigures steps = ChildProcess.MeasurePart<StepFigures>(Environment.ProcessorCount, Train, Save(quick));
            return new(ChildProcess.MeasurePart<EncodingFigures>(Environment.ProcessorCount, Encode, Save(published)), streams, steps);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static IEnumerable<RunFile> Places(RunFile file, string directory)
    {
        yield return file;
        foreach (IObjectServer server in IObjectServer.All().OfType<S3Server>())
        {
            server.PrepareAsync().GetAwaiter().GetResult();
            yield return file with
            {
                Storage = server.Options,
                Data = file.Data with { CacheUri = $"{server.Place}/{Guid.NewGuid():n}", DiskCache = new() { Path = Path.Combine(directory, "disk-cache"), Size = "10Gi" } },
            };
        }
    }

    private static EncodingFigures MeasureEncoding(RunFile file)
    {
        PreparationFigures figures = Prepare(file);
        return new(figures.Images, figures.Prompts, figures.Encoding.TotalSeconds, figures.InAutoencoder.TotalSeconds, figures.InTextEncoders.TotalSeconds, figures.Total.TotalSeconds);
    }

    private static StreamFigures MeasureStream(RunFile file)
    {
        Prepare(file);
        Stores stores = Stores.Of(file.Storage).Through(DiskCache.Of(file.Data.DiskCache));
        CacheIdentity identity = CacheIdentity.Of(file.Model.Source, file.Data, ScalarType.Float32, DeviceType.CPU, tf32: false);
        LatentCache cache = LatentCache.Open(stores, StorageUri.Parse(file.Data.CacheUri!), identity, PreparedSet.ForTraining(file.Data));
        using StableDiffusionPipeline model = StableDiffusionPipeline.Load(file.Model.Source, withEncoders: false);
        PairEncoder encoder = PairEncoder.Of(model, file.Training, withLosers: true);
        using PairLoader loader = PairLoader.Training(cache.Manifest, stores, new PairLoaderSettings { Data = file.Data, Seed = 1, Cache = cache });
        int pairs = cache.Manifest.Pairs;
        Take(_ => { }); // a disk cache is warm then
        (double seconds, double cpu) = Best(() => Take(_ => { }));
        (_, double withTensors) = Best(() => Take(pair => encoder.ForTraining([pair])));
        string place = file.Data.DiskCache.Path.Length > 0 ? "S3 by way of a warm disk cache" : "a local directory";
        return new(place, pairs / cpu, pairs / seconds, loader.Reading.Bytes / (double)(pairs * ((2 * Rounds) + 1)), pairs / withTensors);

        void Take(Action<PreferencePair> use)
        {
            for (int i = 0; i < pairs; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                use(loader.Next());
            }
        }
    }

    private static StepFigures MeasureSteps(RunFile file)
    {
        Prepare(file);
        List<StepReport> reports = [];
        TrainingRun.Execute(file, new() { OnEvent = happened => { if (happened is StepCompleted step) reports.Add(step.Report); } }, CancellationToken.None);
        StepReport[] later = [.. reports.Skip(1)];
        double all = later.Sum(report => report.Duration.TotalSeconds);
        return new(later.Length, all / later.Length, Of(StepPhase.Data), Of(StepPhase.Encode));

        double Of(StepPhase phase) => later.Sum(report => report.Phases[(int)phase].TotalSeconds) / all;
    }

    private static PreparationFigures Prepare(RunFile file)
    {
        PreparationFigures? figures = null;
        PreparationRun.Execute(
            file, file.Model.Source, scorer: null, (0, 1), TimeProvider.System, happened => figures = happened is PreparationDone done ? done.Figures : figures, CancellationToken.None);
        return figures!;
    }

    private static (double Seconds, double CpuSeconds) Best(Action action)
    {
        (double Seconds, double CpuSeconds)[] rounds = [.. Enumerable.Range(0, Rounds).Select(_ => Timed(action))];
        return (rounds.Min(round => round.Seconds), rounds.Min(round => round.CpuSeconds));
    }

    private static (double Seconds, double CpuSeconds) Timed(Action action)
    {
        using Process process = Process.GetCurrentProcess();
        (TimeSpan cpu, long started) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        action();
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        process.Refresh();
        return (seconds, (process.TotalProcessorTime - cpu).TotalSeconds);
    }

    private static string Save(RunFile file)
    {
        string path = Path.Combine(Path.GetDirectoryName(file.Model.Source)!, $"{Guid.NewGuid():n}.json");
        File.WriteAllText(path, file.ToJson());
        return path;
    }

    private static RunFile Read(string path) => RunFile.Parse(File.ReadAllText(path));
}
