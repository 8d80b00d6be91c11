using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Storage.Local;

/// <summary>What the file system says, in the words of a run.</summary>
internal static class LocalFailure
{
    /// <summary>Runs a read.</summary>
    public static T WhileReading<T>(StorageUri uri, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RunException(ExitClass.InputMissing, $"{uri} does not exist; check the path", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new RunException(ExitClass.InputMissing, $"{uri} cannot be opened: permission denied or a directory; check the path and its mode", exception);
        }
        catch (IOException exception)
        {
            throw new RunException(ExitClass.StorageError, $"{uri} cannot be read: {OneLine(exception)}; check the disk", exception);
        }
    }

    /// <summary>Runs a change; where the directory of the file does not exist, <paramref name="ifNoDirectory"/> instead.</summary>
    public static void WhileWriting(StorageUri uri, Action change, Action ifNoDirectory)
    {
        try
        {
            change();
        }
        catch (DirectoryNotFoundException)
        {
            ifNoDirectory();
        }
        catch (Exception exception) when (IsOfTheFileSystem(exception))
        {
            throw OfWriting(uri, exception);
        }
    }

    /// <summary>A failed write: full disk, quota, read-only file system or directory, I/O error.</summary>
    public static RunException OfWriting(StorageUri uri, Exception cause) => new(
        ExitClass.StorageError, $"{uri} cannot be written: {OneLine(cause)}; free space there, make it writable or choose another place", cause);

    /// <summary>Whether an exception is the file system speaking; makers of content report their own troubles as run exceptions.</summary>
    public static bool IsOfTheFileSystem(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Cleans up after a failure that matters more than one of the cleaning.</summary>
    public static void Tolerate(Action cleanUp)
    {
        try
        {
            cleanUp();
        }
        catch (Exception exception) when (IsOfTheFileSystem(exception))
        {
            System.Diagnostics.Trace.TraceWarning(exception.Message);
        }
    }

    private static string OneLine(Exception exception) => exception.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
