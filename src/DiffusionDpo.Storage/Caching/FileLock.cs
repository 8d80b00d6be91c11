namespace DiffusionDpo.Storage.Caching;

/// <summary>Files that one process at a time has open. The system gives them back when it dies.</summary>
internal static class FileLock
{
    /// <summary>The result of an exception that says so: EWOULDBLOCK, of flock. Opening for sharing asks for a shared lock.</summary>
    public const int HeldByAnother = 11;

    /// <summary>Opens a file, or makes it, for this process alone; null: another has it.</summary>
    /// <exception cref="IOException">It cannot be opened at all.</exception>
    public static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException exception) when (exception.HResult == HeldByAnother)
        {
            return null;
        }
    }
}
