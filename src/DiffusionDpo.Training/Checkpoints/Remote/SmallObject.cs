using DiffusionDpo.Api.Failures;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Training.Checkpoints.Remote;

/// <summary>Objects that are read whole.</summary>
internal static class SmallObject
{
    /// <summary>All bytes of an object.</summary>
    /// <exception cref="RunException">Input missing: it is not there. Data error: it is larger than allowed.</exception>
    public static byte[] Read(IObjectStore store, StorageUri uri, int most)
    {
        ObjectInfo info = store.FindAsync(uri).AsTask().GetAwaiter().GetResult()
            ?? throw new RunException(ExitClass.InputMissing, $"{uri} does not exist");
        if (info.Size > most) throw new RunException(ExitClass.DataError, $"{uri} has {info.Size} bytes, at most {most} are expected");
        byte[] bytes = new byte[info.Size];
        store.ReadAsync(uri, 0, bytes).AsTask().GetAwaiter().GetResult();
        return bytes;
    }
}
