using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DiffusionDpo.Storage.Local;

/// <summary>The file system calls that .NET lacks, or makes without saying that they failed.</summary>
internal static partial class Durable
{
    private const int ReadOnlyDirectory = 0x10000; // O_RDONLY | O_DIRECTORY
    private const int AlreadyExists = 17; // EEXIST
    private const int NotPermitted = 1; // EPERM
    private const int NotImplemented = 38; // ENOSYS
    private const int NotSupported = 95; // EOPNOTSUPP
    private const int WorkingDirectory = -100; // AT_FDCWD
    private const uint NoReplace = 1; // RENAME_NOREPLACE
    private const int Interrupted = 4; // EINTR
    private const int HasNoDisk = 22; // EINVAL: a device or a pipe, which cannot be flushed

    /// <summary>Gives a file another name, in one step, unless that name is taken. The first name may stay.</summary>
    /// <returns>False where the name is taken.</returns>
    /// <exception cref="IOException">The file system refuses.</exception>
    public static bool Link(string existing, string added)
    {
        if (link(existing, added) == 0) return true;
        // Mounted shares and buckets often have no second names.
        if (Marshal.GetLastPInvokeError() is NotPermitted or NotImplemented or NotSupported && renameat2(WorkingDirectory, existing, WorkingDirectory, added, NoReplace) == 0) return true;
        if (Marshal.GetLastPInvokeError() == AlreadyExists) return false;
        throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary>Makes what was written to a file survive a power cut; the runtime's own flush passes over an I/O error.</summary>
    /// <exception cref="IOException">The disk could not take all of it.</exception>
    public static void FlushFile(SafeFileHandle file)
    {
        while (fsync(file) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == HasNoDisk) return;
            if (error != Interrupted) throw new IOException(Marshal.GetPInvokeErrorMessage(error));
        }
    }

    /// <summary>Makes the names in a directory survive a power cut.</summary>
    /// <exception cref="IOException">The directory cannot be flushed.</exception>
    public static void FlushDirectory(string path)
    {
        var descriptor = open(path, ReadOnlyDirectory);
        if (descriptor < 0) throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        var failed = fsync(descriptor) != 0;
        var reason = Marshal.GetLastPInvokeErrorMessage();
        _ = close(descriptor);
        if (failed) throw new IOException(reason);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string existing, string added);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int fromDirectory, string existing, int toDirectory, string added, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
