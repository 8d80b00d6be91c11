using System.Diagnostics;
using Benchmarks.Measuring;
using DiffusionDpo.Models.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace Benchmarks.Loading;

/// <summary>Loading a large safetensors file that the system has in its page cache: what opening costs, what use costs, and what becomes resident.</summary>
internal static class LoadBenchmark
{
    private const string Part = "load";

    private const int Share = 10; // every tenth tensor is used first
    private const int Repetitions = 3;

    /// <summary>It.</summary>
    public static Benchmark Benchmark { get; } = new("load", "a file of 5 GB", () =>
    {
        var figures = Run();
        return new(figures, output => LoadTable.Write(output, figures));
    })
    {
        Parts = new Dictionary<string, Func<string[], object>> { [Part] = arguments => Measure(arguments[0]) },
    };

    /// <summary>Writes a file, reads it with <c>cat</c>, and measures it in a process of its own; the file is removed at the end.</summary>
    private static LoadFigures Run()
    {
        string directory = Directory.CreateTempSubdirectory("ddpo-load-").FullName;
        try
        {
            string path = Path.Combine(directory, "random.safetensors");
            LoadFile.Write(path);
            _ = Cat(path); // now it is in the page cache
            double cat = Enumerable.Range(0, Repetitions).Min(_ => Cat(path));
            LoadFigures[] measured = [.. Enumerable.Range(0, Repetitions).Select(_ => ChildProcess.MeasurePart<LoadFigures>(1, Part, path))];
            return measured.MinBy(each => each.TouchSeconds)! with { CatSeconds = cat };
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Measures in this process, which should do nothing else.</summary>
    private static LoadFigures Measure(string path)
    {
        using (Tensor warm = ones(1)) _ = warm.sum().item<float>();
        double before = ResidentMemory.Mebibytes();
        long started = Stopwatch.GetTimestamp();
        using Weights weights = Weights.Open(path);
        Tensor[] tensors = [.. weights.Entries.Keys.Select(weights.GetTensor)];
        double open = Seconds(started), afterOpen = ResidentMemory.Mebibytes();

        Tensor[] used = [.. tensors.Where((_, index) => index % Share == 0)];
        double useSeconds = Touch(used), afterUse = ResidentMemory.Mebibytes();
        double rest = Touch(tensors.Except(used)), again = Touch(tensors);
        return new()
        {
            FileBytes = new FileInfo(path).Length,
            Tensors = tensors.Length,
            OpenSeconds = open,
            OpenMebibytes = afterOpen - before,
            UsedBytes = used.Sum(Bytes),
            UsedMebibytes = afterUse - afterOpen,
            TouchSeconds = useSeconds + rest,
            MappedSeconds = again,
            CopySeconds = Copy(weights),
        };
    }

    // Reads every number.
    private static double Touch(IEnumerable<Tensor> tensors)
    {
        long started = Stopwatch.GetTimestamp();
        foreach (Tensor tensor in tensors)
        {
            using Tensor sum = tensor.sum();
            _ = sum.item<float>();
        }

        return Seconds(started);
    }

    // What a network that is to be trained takes: fresh memory, one tensor after another.
    private static double Copy(Weights weights)
    {
        long started = Stopwatch.GetTimestamp();
        foreach (string name in weights.Entries.Keys)
        {
            using DisposeScope scope = NewDisposeScope();
            _ = weights.GetTensor(name).clone();
        }

        return Seconds(started);
    }

    private static double Cat(string path)
    {
        long started = Stopwatch.GetTimestamp();
        using Process process = Process.Start("sh", ["-c", "cat \"$0\" > /dev/null", path]);
        process.WaitForExit();
        return process.ExitCode == 0 ? Seconds(started) : throw new InvalidOperationException($"cat ended with {process.ExitCode}");
    }

    private static long Bytes(Tensor tensor) => tensor.numel() * tensor.element_size();

    private static double Seconds(long started) => Stopwatch.GetElapsedTime(started).TotalSeconds;
}
