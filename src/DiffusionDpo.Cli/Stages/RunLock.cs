using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using DiffusionDpo.Api.Failures;
using Microsoft.Win32.SafeHandles;

namespace DiffusionDpo.Cli.Stages;

/// <summary>
/// The file by which one process at a time owns a run's directory. The system lets go of it when its process ends, however it ends; who holds
/// it stands in it.
/// </summary>
internal sealed partial class RunLock : IDisposable
{
    /// <summary>Its name.</summary>
    public const string FileName = "run.lock";

    /// <summary>EWOULDBLOCK, what the runtime passes on of a lock that another process holds.</summary>
    private const int HeldByAnother = 11;

    private const int LongestHolder = 512;

    private readonly FileStream _held;

    private RunLock(FileStream held) => _held = held;

    private static string Myself => string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}");

    /// <summary>Takes the lock.</summary>
    /// <param name="directory">The run's directory, or that of its checkpoints; it exists.</param>
    /// <param name="field">The field of the specification that names it.</param>
    /// <exception cref="RunException">Configuration error: another process holds it. Storage error: it cannot be written.</exception>
    public static RunLock Take(string directory, string field)
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            while (true)
            {
                FileStream held = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
                if (Claim(held, path)) return new(held);
                held.Dispose();
            }
        }
        catch (IOException cause) when (cause.HResult == HeldByAnother)
        {
            string holder = HolderOf(path);
            throw new RunException(
                ExitClass.ConfigurationError,
                $"{field}: another process works in {directory}{(holder.Length > 0 ? $" ({holder})" : "")}; wait for it, end it, or choose another directory",
                cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new RunException(ExitClass.StorageError, $"{field}: {directory} cannot be written: {cause.Message}; free space there, make it writable, or choose another directory", cause);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();

    // The one who held it before may have removed the file after we opened it: a lock on a file without a name keeps nobody out.
    private static bool Claim(FileStream held, string path)
    {
        held.SetLength(0);
        held.Write(Encoding.UTF8.GetBytes(Myself));
        return HolderOf(path) == Myself;
    }

    // Not by the runtime's own open, which would ask for the lock.
    private static string HolderOf(string path)
    {
        using SafeFileHandle file = new(open(path, 0), ownsHandle: true);
        if (file.IsInvalid) return "";
        byte[] bytes = new byte[LongestHolder];
        string text = Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(file, bytes, 0));
        return text.All(character => !char.IsControl(character)) ? text : "";
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
}
