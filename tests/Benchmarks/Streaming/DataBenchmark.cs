using System.Diagnostics;
using System.Runtime.InteropServices;
using Benchmarks.Measuring;
using Benchmarks.Servers;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage;

namespace Benchmarks.Streaming;

/// <summary>Pairs from parquet shards by ranged reads beside what decoding alone takes; and a start at a million pairs.</summary>
internal static partial class DataBenchmark
{
    private const string Stream = "data-stream", Start = "data-start";
    private const string Disk = "disk";

    private const int Resolution = 512;
    private const int Pairs = 300, Repetitions = 6; // all of the shards, once
    private const int Batch = 64;
    private const int Shards = 673; // of 1500 rows: a million pairs
    private const int Groups = 15;

    /// <summary>It.</summary>
    public static Benchmark Benchmark { get; } = new("data", "pairs from shards (1 GB), on this machine's disk and on the servers of `make bench-storage`", () =>
    {
        var (streams, resume) = Run();
        return new(new { Streams = streams, Resume = resume }, output => DataTable.Write(output, streams, resume));
    })
    {
        Parts = new Dictionary<string, Func<string[], object>> { [Stream] = arguments => Measure(arguments[0], arguments[1]), [Start] = arguments => Resume(arguments[0]) },
    };

    private static DataOptions Data => new()
    {
        Sources = [], Resolution = Resolution, Crop = CropMode.Center, Flip = FlipMode.Pair, EmptyPromptProportion = 0, PrefetchPairs = Batch,
    };

    /// <summary>Writes shards, measures each thing in a process of its own, and removes them.</summary>
    private static (DataFigures[] Streams, ResumeFigures Resume) Run()
    {
        var scratch = Directory.CreateTempSubdirectory("ddpo-data-").FullName;
        try
        {
            DataFigures[] streams = [Measured(null, scratch), .. IObjectServer.All().Select(server => Measured(server, server.Place))];
            var manifest = WriteMillion(scratch);
            return (streams, ChildProcess.MeasurePart<ResumeFigures>(1, Start, manifest));
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>Writes shards and measures in a process of its own.</summary>
    /// <param name="server">Where they are to be; null: this machine's disk.</param>
    /// <param name="place">A directory or bucket.</param>
    private static DataFigures Measured(IObjectServer? server, string place)
    {
        server?.PrepareAsync().GetAwaiter().GetResult();
        var directory = StorageUri.Parse($"{place}/few");
        DataSet.Write(StoresOf(server?.Name), directory, shards: 2, groupsPerShard: 10);
        return ChildProcess.MeasurePart<DataFigures>(1, Stream, server?.Name ?? Disk, directory.ToString());
    }

    private static Stores StoresOf(string? name) => IObjectServer.All().SingleOrDefault(server => server.Name == name) is { } named ? Stores.Of(named.Options) : new Stores();

    /// <summary>Measures in this process, which should do nothing else.</summary>
    /// <param name="place">Name of the server, or of the disk.</param>
    /// <param name="directory">Where the shards are.</param>
    private static DataFigures Measure(string place, string directory)
    {
        var (stores, source) = (StoresOf(place), new DataSource { Uri = directory });
        byte[][] images = [.. Enumerable.Range(0, DataSet.DifferentImages).Select(DataSet.Image)];
        Decode(images, 8); // the first calls are slower
        var decoding = Rounds(() => Decode(images, Pairs));
        var manifest = PairManifest.Scan(stores, [source]);
        ResidentMemory.Settle();
        using var loader = PairLoader.Training(manifest, stores, new PairLoaderSettings { Data = Data, Seed = 1 });
        Take(loader, 2 * Batch);
        var loading = Rounds(() => Take(loader, Pairs));
        var peak = ResidentMemory.PeakMebibytes();
        var figures = loader.Reading;
        var (readSeconds, bytes) = ReadAll(stores, manifest);
        return new DataFigures
        {
            Place = place,
            DecoderPairsPerCpuSecond = Pairs / decoding.CpuSeconds,
            DecoderPairsPerSecond = Pairs / decoding.Seconds,
            LoaderPairsPerCpuSecond = Pairs / loading.CpuSeconds,
            LoaderPairsPerSecond = Pairs / loading.Seconds,
            Amplification = figures.Amplification,
            ReadsPerGroup = (double)figures.Reads / figures.Groups,
            StoreBytesPerSecond = bytes / readSeconds,
            BytesPerPair = 2 * images.Average(image => image.Length),
            PeakMebibytes = peak,
        };
    }

    /// <summary>Starts as a resumed run does, in this process, which has done nothing else.</summary>
    /// <param name="manifestPath">The file of the manifest, beside the directory of its shards.</param>
    private static ResumeFigures Resume(string manifestPath)
    {
        var started = Process.GetCurrentProcess().StartTime.ToUniversalTime();
        var (stores, uri) = (new Stores(), StorageUri.OfPath(manifestPath));
        var before = ResidentMemory.Mebibytes();
        var liveBefore = GC.GetTotalMemory(forceFullCollection: true);
        var manifest = ManifestFile.ReadAsync(stores, uri, [SourceBeside(manifestPath)]).GetAwaiter().GetResult()!;
        var order = new PairOrder(manifest, 1);
        var cursor = (3L * manifest.Pairs / 2) / Batch * Batch;
        order.PairAt(cursor);
        var (manifestSeconds, grown) = (Since(started), ResidentMemory.Mebibytes() - before);
        var live = GC.GetTotalMemory(forceFullCollection: true) - liveBefore;
        GC.KeepAlive(order);
        using var loader = PairLoader.Training(manifest, stores, new PairLoaderSettings { Data = Data, Seed = 1, Threads = Environment.ProcessorCount }, cursor);
        Take(loader, Batch);
        return new ResumeFigures
        {
            Pairs = manifest.Pairs,
            ManifestBytes = new FileInfo(manifestPath).Length,
            ManifestSeconds = manifestSeconds,
            FirstBatchSeconds = Since(started),
            Batch = Batch,
            IndexMebibytes = grown,
            LiveMebibytes = live / 1024.0 / 1024.0,
        };
    }

    /// <summary>One real shard under many names, and the manifest of all.</summary>
    private static string WriteMillion(string scratch)
    {
        var directory = Path.Combine(scratch, "many");
        var stores = new Stores();
        DataSet.Write(stores, StorageUri.OfPath(directory), shards: 1, groupsPerShard: Groups);
        for (var shard = 1; shard < Shards * 10 / 9; shard++) // a tenth of the rows are ties
            _ = Link(Path.Combine(directory, "train-00000.parquet"), Path.Combine(directory, $"train-{shard:D5}.parquet"));
        var path = Path.Combine(scratch, "manifest");
        var source = SourceBeside(path);
        ManifestFile.WriteAsync(stores, StorageUri.OfPath(path), PairManifest.Scan(stores, [source]), [source]).GetAwaiter().GetResult();
        return path;
    }

    private static DataSource SourceBeside(string manifestPath) => new() { Uri = Path.Combine(Path.GetDirectoryName(manifestPath)!, "many") };

    private static void Decode(byte[][] images, int pairs)
    {
        for (var i = 0; i < 2 * pairs; i++)
        {
            var resized = SquareTransform.ResizeShorterSide(ImageDecoder.Decode(images[i % images.Length]), Resolution);
            var offset = SquareTransform.CenterOffset(resized.Width, Resolution);
            _ = SquareTransform.ToPixelValues(resized, new Square(SquareTransform.CenterOffset(resized.Height, Resolution), offset, Resolution, false));
        }
    }

    private static void Take(PairLoader loader, int pairs)
    {
        for (var i = 0; i < pairs; i++)
        {
            if (loader.Next().Weight != 1) throw new InvalidOperationException("a bad row");
        }
    }

    private static (double Seconds, long Bytes) ReadAll(Stores stores, PairManifest manifest)
    {
        var (buffer, bytes, started) = (new byte[16 << 20], 0L, Stopwatch.GetTimestamp());
        foreach (var uri in manifest.ShardUris)
        {
            var store = stores.For(uri);
            var size = store.FindAsync(uri).AsTask().GetAwaiter().GetResult()!.Size;
            for (long at = 0; at < size; at += buffer.Length)
                store.ReadAsync(uri, at, buffer.AsMemory(0, (int)Math.Min(buffer.Length, size - at))).AsTask().GetAwaiter().GetResult();
            bytes += size;
        }

        return (Stopwatch.GetElapsedTime(started).TotalSeconds, bytes);
    }

    /// <summary>The best of some repetitions: the machine may have other work.</summary>
    private static (double Seconds, double CpuSeconds) Rounds(Action action)
    {
        var rounds = Enumerable.Range(0, Repetitions).Select(_ => Timed(action)).ToArray();
        return (rounds.Min(round => round.Seconds), rounds.Min(round => round.CpuSeconds));
    }

    private static (double Seconds, double CpuSeconds) Timed(Action action)
    {
        using var process = Process.GetCurrentProcess();
        var (cpu, started) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        action();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        process.Refresh();
        return (seconds, (process.TotalProcessorTime - cpu).TotalSeconds);
    }

    private static double Since(DateTime started) => (TimeProvider.System.GetUtcNow().UtcDateTime - started).TotalSeconds;

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)] private static partial int Link(string existing, string added);
}
