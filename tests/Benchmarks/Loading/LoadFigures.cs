namespace Benchmarks.Loading;

/// <summary>What was measured of loading a file.</summary>
internal sealed record LoadFigures
{
    public required long FileBytes { get; init; }

    public required int Tensors { get; init; }

    /// <summary>Seconds to map the file, check its header and make all tensors.</summary>
    public required double OpenSeconds { get; init; }

    /// <summary>Growth of resident memory by that.</summary>
    public required double OpenMebibytes { get; init; }

    /// <summary>Bytes of the tensors that were used first.</summary>
    public required long UsedBytes { get; init; }

    /// <summary>Growth of resident memory by their use.</summary>
    public required double UsedMebibytes { get; init; }

    /// <summary>Seconds to read every number for the first time.</summary>
    public required double TouchSeconds { get; init; }

    /// <summary>Seconds to read every number again, all pages being there.</summary>
    public required double MappedSeconds { get; init; }

    /// <summary>Seconds to copy every tensor into fresh memory, each freed before the next.</summary>
    public required double CopySeconds { get; init; }

    /// <summary>Seconds of <c>cat file &gt; /dev/null</c>.</summary>
    public double CatSeconds { get; init; }
}
