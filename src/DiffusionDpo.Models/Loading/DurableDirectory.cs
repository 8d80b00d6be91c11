using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Models.Loading;

/// <summary>
/// Directories that are whole or not there: filled under another name beside the target, flushed to the disk, renamed. A directory of the
/// final name is complete, after a kill or a power cut too.
/// </summary>
public static class DurableDirectory
{
    /// <summary>End of the hidden name under which a directory is filled.</summary>
    public const string PartialEnding = ".partial";

    /// <summary>Writes a new directory. After a failure there is no directory of that name and the half-written one is removed.</summary>
    /// <param name="path">The directory; its parents are created.</param>
    /// <param name="fill">Writes into the directory whose path it is given.</param>
    /// <exception cref="RunException">
    /// Configuration error: something stands there already. Storage error: the disk is full or cannot be written.
    /// </exception>
    public static void Write(string path, Action<string> fill)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string parent = Path.GetDirectoryName(target)!;
        if (Path.Exists(target))
            throw new RunException(ExitClass.ConfigurationError, $"{path} exists already; choose another output directory or remove it");
        try
        {
            Directory.CreateDirectory(parent);
            FillThenRename(Path.Combine(parent, $".{Path.GetFileName(target)}{PartialEnding}"), target, fill);
            DurableFile.FlushDirectory(parent);
        }
        catch (Exception e) when (DurableFile.IsOfTheDisk(e))
        {
            throw new RunException(
                ExitClass.StorageError, $"{path} cannot be written: {e.Message}; free space on that disk or choose another directory", e);
        }
    }

    private static void FillThenRename(string partial, string target, Action<string> fill)
    {
        if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        Directory.CreateDirectory(partial);
        try
        {
            fill(partial);
            foreach (string file in Directory.GetFiles(partial, "*", SearchOption.AllDirectories)) Flush(file);
            foreach (string directory in Directory.GetDirectories(partial, "*", SearchOption.AllDirectories)) DurableFile.FlushDirectory(directory);
            DurableFile.FlushDirectory(partial);
            Directory.Move(partial, target);
        }
        catch
        {
            DurableFile.CleanUp(() => Directory.Delete(partial, recursive: true));
            throw;
        }
    }

    private static void Flush(string file)
    {
        using var handle = File.OpenHandle(file);
        DurableFile.FlushFile(handle);
    }
}
