namespace Benchmarks.Streaming;

/// <summary>What was measured of pairs from parquet shards.</summary>
internal sealed record DataFigures
{
    /// <summary>Where the shards were.</summary>
    public required string Place { get; init; }

    /// <summary>Pairs of which both images were decoded and cut to squares of 512 pixels, by a loop that does nothing else, per second of processor time.</summary>
    public required double DecoderPairsPerCpuSecond { get; init; }

    /// <summary>The same by the wall clock, in one thread.</summary>
    public required double DecoderPairsPerSecond { get; init; }

    /// <summary>Pairs of the loader per second of processor time of the whole process: reading, parquet, decoding, handing over.</summary>
    public required double LoaderPairsPerCpuSecond { get; init; }

    /// <summary>The same by the wall clock, with one thread that decodes.</summary>
    public required double LoaderPairsPerSecond { get; init; }

    /// <summary>Bytes read over bytes of the column chunks that hold a needed row.</summary>
    public required double Amplification { get; init; }

    /// <summary>Ranged reads per row group.</summary>
    public required double ReadsPerGroup { get; init; }

    /// <summary>Bytes per second of the same shards read in pieces of 16 MiB, one after another, through the same store.</summary>
    public required double StoreBytesPerSecond { get; init; }

    /// <summary>Bytes of images of a pair.</summary>
    public required double BytesPerPair { get; init; }

    /// <summary>Most that was ever resident while loading, in MiB.</summary>
    public required double PeakMebibytes { get; init; }
}

/// <summary>What was measured of a start at a million pairs.</summary>
internal sealed record ResumeFigures
{
    /// <summary>Pairs of the manifest.</summary>
    public required int Pairs { get; init; }

    /// <summary>Bytes of the manifest's file.</summary>
    public required long ManifestBytes { get; init; }

    /// <summary>Seconds from the start of the process until the manifest was read and compared with a listing of its shards.</summary>
    public required double ManifestSeconds { get; init; }

    /// <summary>Seconds from the start of the process until the first batch was there, from a cursor in the middle of an epoch.</summary>
    public required double FirstBatchSeconds { get; init; }

    /// <summary>Pairs of a batch.</summary>
    public required int Batch { get; init; }

    /// <summary>Growth of resident memory by the manifest and the order, in MiB; most of it is what reading left to be collected.</summary>
    public required double IndexMebibytes { get; init; }

    /// <summary>The part of it that lives on after a collection, in MiB.</summary>
    public required double LiveMebibytes { get; init; }
}
