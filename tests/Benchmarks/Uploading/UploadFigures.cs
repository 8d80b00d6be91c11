namespace Benchmarks.Uploading;

/// <summary>What was measured of one upload.</summary>
/// <param name="Seconds">From the call to its return, when the object is visible.</param>
/// <param name="PeakMebibytes">Most that was resident meanwhile, less what was resident before it began, in MiB.</param>
internal sealed record UploadFigure(double Seconds, double PeakMebibytes);

/// <summary>Uploads of a file to one service, by turns through the store and through the bare library of the cloud.</summary>
/// <param name="Service">The service.</param>
/// <param name="Store">Through the store.</param>
/// <param name="Bare">Through the library alone.</param>
internal sealed record UploadPair(string Service, UploadFigure[] Store, UploadFigure[] Bare);

/// <summary>What was measured of uploads, and of what bounds them on this machine.</summary>
internal sealed record UploadFigures
{
    /// <summary>Bytes of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>Seconds of reading the file from the page cache.</summary>
    public required double ReadSeconds { get; init; }

    /// <summary>Seconds of so many bytes through one connection to this machine itself.</summary>
    public required double LoopbackSeconds { get; init; }

    /// <summary>One for each service.</summary>
    public required UploadPair[] Pairs { get; init; }
}
