using System.Runtime.InteropServices;
using DiffusionDpo.Api.Failures;
using Microsoft.Win32.SafeHandles;

namespace DiffusionDpo.Models.Loading;

/// <summary>
/// Files that are whole or not there: written under another name in the same directory, flushed to the disk, renamed, and the directory
/// flushed too. A reader sees the old file or the new one; so does the next process after a kill or a power cut.
/// </summary>
public static partial class DurableFile
{
    private const int ReadOnlyDirectory = 0x10000; // O_RDONLY | O_DIRECTORY
    private const int WriteBytes = 1 << 20;
    private const int Interrupted = 4; // EINTR
    private const int HasNoDisk = 22; // EINVAL: a device or a pipe, which cannot be flushed

    /// <summary>Writes a file, replacing one of that name. After a failure the old file stands and the half-written one is removed.</summary>
    /// <param name="path">The file; its directory exists.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="RunException">Storage error: the disk is full or cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            // one name for all attempts, so that what a killed process left behind is replaced and cannot pile up
            WriteThenRename(Path.Combine(directory, $".{Path.GetFileName(path)}.partial"), path, write);
            FlushDirectory(directory);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw new RunException(
                ExitClass.StorageError, $"{path} cannot be written: {e.Message}; free space on that disk or choose another directory", e);
        }
    }

    /// <summary>Makes the names in a directory (files created, renamed, removed) survive a power cut.</summary>
    /// <param name="directory">The directory.</param>
    /// <exception cref="IOException">The directory cannot be opened or flushed.</exception>
    public static void FlushDirectory(string directory)
    {
        int descriptor = open(directory, ReadOnlyDirectory);
        if (descriptor < 0) throw new IOException($"cannot open {directory}: {Marshal.GetLastPInvokeErrorMessage()}");
        int failed = fsync(descriptor);
        string reason = Marshal.GetLastPInvokeErrorMessage();
        _ = close(descriptor);
        if (failed != 0) throw new IOException($"cannot flush {directory}: {reason}");
    }

    /// <summary>Makes what was written to a file survive a power cut. (The runtime's own flush says nothing of a disk that could not write.)</summary>
    /// <param name="file">The file; nothing is buffered above it.</param>
    /// <exception cref="IOException">The disk could not take all of it.</exception>
    internal static void FlushFile(SafeFileHandle file)
    {
        while (fsync(file) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == HasNoDisk) return;
            if (error != Interrupted) throw new IOException($"cannot be flushed: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    /// <summary>Whether a failure is the disk's: full, not to be written, or out of order.</summary>
    /// <param name="failure">What was thrown; the runtime makes an <see cref="ArgumentOutOfRangeException"/> of a file that the system allows no
    /// more bytes (EFBIG).</param>
    public static bool IsOfTheDisk(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>Cleans up after a failure. A disk that has just failed may fail here too, and the first failure is the one that counts.</summary>
    /// <param name="remove">Removes what was half written.</param>
    internal static void CleanUp(Action remove)
    {
        try
        {
            remove();
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            // The next attempt uses the same name and begins by removing it.
        }
    }

    private static void WriteThenRename(string partial, string path, Action<Stream> write)
    {
        using var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, WriteBytes);
        try
        {
            write(stream);
            stream.Flush();
            FlushFile(stream.SafeFileHandle);
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            CleanUp(() => File.Delete(partial));
            throw;
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
