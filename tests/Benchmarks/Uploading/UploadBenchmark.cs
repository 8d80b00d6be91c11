using System.Diagnostics;
using Benchmarks.Measuring;
using Benchmarks.Servers;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Transfers;

namespace Benchmarks.Uploading;

/// <summary>A large file to S3 and Azure through the store, beside the bare libraries of the clouds.</summary>
internal static class UploadBenchmark
{
    /// <summary>It.</summary>
    public static Benchmark Benchmark { get; } = new("upload", "2 GB to the servers of `make bench-storage`", () =>
    {
        UploadFigures figures = RunAsync().GetAwaiter().GetResult();
        return new(figures, output => UploadTable.Write(output, figures));
    })
    {
        Parts = new Dictionary<string, Func<string[], object>> { [Part] = arguments => MeasureAsync(arguments).GetAwaiter().GetResult() },
    };

    private const string Part = "upload";
    private const string Store = "store", Bare = "bare";
    private const long Bytes = 2_000_000_000;
    private const int Repetitions = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10); // in which a server gives back what was deleted

    /// <summary>Uploads a file by turns in both ways, and measures what bounds them.</summary>
    /// <exception cref="InvalidOperationException">No server is named.</exception>
    private static async Task<UploadFigures> RunAsync()
    {
        string[] services = [.. IObjectServer.All().Select(service => service.Name)];
        if (services.Length == 0) throw new InvalidOperationException("no server is named: DDPO_TEST_S3 and DDPO_TEST_AZURE are addresses of servers, `make bench-storage` starts some");
        string path = Path.Combine(Path.GetTempPath(), $"ddpo-upload-{Guid.NewGuid():n}");
        try
        {
            Fill(path);
            _ = Read(path); // now it is in the page cache
            return new() { Bytes = Bytes, ReadSeconds = Read(path), LoopbackSeconds = await Loopback.SecondsAsync(Bytes), Pairs = [.. services.Select(service => Pair(service, path))] };
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Measures one upload in this process, which should do nothing else.</summary>
    /// <param name="named">Service, way and file.</param>
    private static async Task<UploadFigure> MeasureAsync(string[] named)
    {
        var (name, way, path) = (named[0], named[1], named[2]);
        IObjectServer service = IObjectServer.All().Single(each => each.Name == name);
        await service.PrepareAsync();
        Stores stores = Stores.Of(service.Options);
        StorageUri uri = StorageUri.Parse($"{service.Place}/{Guid.NewGuid():n}");
        string small = $"{path}-{Guid.NewGuid():n}";
        File.WriteAllBytes(small, new byte[3 * IObjectServer.PartBytes]);
        await UploadAsync(small); // code and connections are there
        File.Delete(small);
        ResidentMemory.Settle();
        double before = ResidentMemory.Mebibytes();
        long started = Stopwatch.GetTimestamp();
        await UploadAsync(path);
        UploadFigure figure = new(Stopwatch.GetElapsedTime(started).TotalSeconds, ResidentMemory.PeakMebibytes() - before);
        if ((await stores.For(uri).FindAsync(uri))?.Size != new FileInfo(path).Length) throw new InvalidOperationException($"{uri} is not what was written");
        await stores.For(uri).DeleteAsync(uri);
        return figure;

        Task UploadAsync(string file) => way == Store ? FileTransfer.UploadAsync(stores.For(uri), file, uri) : service.UploadAsync(file, uri.Key);
    }

    private static UploadPair Pair(string service, string path)
    {
        List<UploadFigure> store = [], bare = [];
        for (int i = 0; i < Repetitions; i++)
        {
            store.Add(Measure(service, Store, path));
            bare.Add(Measure(service, Bare, path));
        }

        return new UploadPair(service, [.. store], [.. bare]);
    }

    private static UploadFigure Measure(string service, string way, string path)
    {
        Thread.Sleep(Pause);
        return ChildProcess.MeasurePart<UploadFigure>(1, Part, service, way, path);
    }

    private static void Fill(string path)
    {
        using FileStream file = File.Create(path);
        byte[] piece = new byte[1 << 20];
        for (long left = Bytes; left > 0; left -= piece.Length)
        {
            new Random((int)(left >> 20)).NextBytes(piece);
            file.Write(piece.AsSpan(0, (int)Math.Min(left, piece.Length)));
        }
    }

    private static double Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        byte[] piece = new byte[1 << 20];
        long started = Stopwatch.GetTimestamp();
        while (file.Read(piece) > 0)
        {
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
