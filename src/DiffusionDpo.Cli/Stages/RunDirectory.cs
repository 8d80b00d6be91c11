using System.Runtime.InteropServices;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Sampling;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Storage;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Cli.Stages;

/// <summary>
/// A run's directory: its run file, the log of its events, its checkpoints and its model. It belongs to one run, and to one process at a time.
/// </summary>
internal sealed partial class RunDirectory : IDisposable
{
    /// <summary>The run file that the directory belongs to.</summary>
    public const string RunFileName = "run.json";

    /// <summary>The log of the run's events.</summary>
    public const string LogName = "events.jsonl";

    private const int MayWrite = 2; // W_OK

    private readonly RunLock _lock;
    private readonly bool _isNew;
    private readonly string[] _made;
    private readonly bool _wantsSamples;

    private RunDirectory(string path, RunLock held, bool isNew, string[] made, RunFile file)
    {
        Model = ModelExport.PlaceOf(file);
        Adapters = ModelExport.AdapterPlaceOf(file);
        _wantsSamples = file.Evaluation.Samples.Count > 0;
        _made = made;
        Path = path;
        _lock = held;
        _isNew = isNew;
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>One JSON object per event, over all processes of this run.</summary>
    public string LogPath => System.IO.Path.Combine(Path, LogName);

    /// <summary>Takes the directory of a run: makes it, or goes on in it if it is this run's.</summary>
    /// <param name="file">The run file of any stage.</param>
    /// <exception cref="RunException">
    /// Configuration error: it belongs to another run, or another process works in it. Storage error: it cannot be written.
    /// </exception>
    public static RunDirectory Open(RunFile file)
    {
        string path = PlaceOf(file);
        string[] made = [.. Upwards(path).TakeWhile(directory => !Directory.Exists(directory))];
        RunLock held = Take(path);
        try
        {
            return new(path, held, Claim(file, path), made, file);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Where a run's directory is.</summary>
    /// <param name="file">The run file of any stage.</param>
    /// <exception cref="RunException">Configuration error: it is not on this machine.</exception>
    public static string PlaceOf(RunFile file)
    {
        StorageUri place = StorageUri.Parse(file.Output.Uri);
        if (place.Scheme == StorageScheme.File) return place.LocalPath;
        throw new RunException(ExitClass.ConfigurationError, $"output.uri: {place} is not on this machine, and this version writes nowhere else; give a local path");
    }

    /// <summary>Says what <see cref="Open"/> would, as far as that can be known without making or writing anything.</summary>
    /// <param name="file">The run file of any stage.</param>
    /// <returns>The nearest directory that is there: the run's own, or the one that it would be made in.</returns>
    /// <exception cref="RunException">As <see cref="Open"/>.</exception>
    public static string Examine(RunFile file)
    {
        string path = PlaceOf(file), existing = Upwards(path).First(System.IO.Path.Exists);
        if (!Directory.Exists(existing)) throw CannotBeMade(path, new IOException($"{existing} is a file"));
        if (access(existing, MayWrite) != 0) throw CannotBeMade(path, new IOException($"no permission to write in {existing}"));
        if (File.Exists(System.IO.Path.Combine(path, RunLock.FileName))) Take(path).Dispose();
        RefuseOthers(file, path);
        return existing;
    }

    /// <summary>Appends events to the run's log.</summary>
    /// <param name="time">The clock.</param>
    public EventLog OpenLog(TimeProvider time) => new(LogPath, time);

    /// <summary>Where the exported model is, once the run is finished.</summary>
    public string Model { get; }

    /// <summary>Where trained adapters are, once the run is finished; not there where all weights are trained.</summary>
    public string Adapters { get; }

    /// <summary>Whether the model is there; nothing is left to be trained.</summary>
    public bool IsExported => Directory.Exists(Model);

    /// <summary>Whether all is there that a run makes.</summary>
    public bool IsFinished => IsExported && (!_wantsSamples || Directory.Exists(SampleSheet.PlaceIn(Path)));

    /// <summary>
    /// Gives up a directory that this process has made its own and in which no step was completed, so that a corrected fine-tune may have it.
    /// </summary>
    public void Abandon()
    {
        if (!_isNew) return;
        try
        {
            foreach (string name in (string[])[RunFileName, LogName, RunLock.FileName]) File.Delete(System.IO.Path.Combine(Path, name));
            foreach (string directory in _made.TakeWhile(directory => !Directory.EnumerateFileSystemEntries(directory).Any())) Directory.Delete(directory);
        }
        catch (Exception cause) when (DurableFile.IsOfTheDisk(cause))
        {
            // What made the run fail is what the user needs to hear; the directory is still this run's.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static IEnumerable<string> Upwards(string path)
    {
        for (string? at = path; at is not null; at = System.IO.Path.GetDirectoryName(at)) yield return at;
    }

    private static RunLock Take(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw CannotBeMade(path, cause);
        }

        return RunLock.Take(path);
    }

    /// <summary>Makes a directory this run's.</summary>
    /// <returns>Whether nothing of a run was there before.</returns>
    private static bool Claim(RunFile file, string path)
    {
        string place = System.IO.Path.Combine(path, RunFileName);
        if (!File.Exists(place))
        {
            DurableFile.Write(place, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(file.ToJson())));
            return !File.Exists(System.IO.Path.Combine(path, LogName));
        }

        RefuseOthers(file, path);
        return false;
    }

    private static void RefuseOthers(RunFile file, string path)
    {
        string place = System.IO.Path.Combine(path, RunFileName);
        if (!File.Exists(place)) return;
        RunFile owner = Owner(place);
        if (owner.Fingerprint == file.Fingerprint) return;
        throw new RunException(
            ExitClass.ConfigurationError,
            $"output.uri: {path} belongs to another run ({owner.Name}, whose model, data or training options differ); choose another output.uri, or remove it");
    }

    private static RunException CannotBeMade(string path, Exception cause) =>
        new(ExitClass.StorageError, $"output.uri: {path} cannot be made: {cause.Message}; choose another directory", cause);

    private static RunFile Owner(string place)
    {
        try
        {
            return RunFile.Parse(File.ReadAllText(place));
        }
        catch (RunException unsound)
        {
            throw new RunException(unsound.ExitClass, $"{place}: {unsound.Message}; or choose another output.uri", unsound);
        }
        catch (Exception cause) when (DurableFile.IsOfTheDisk(cause))
        {
            throw new RunException(ExitClass.StorageError, $"{place} cannot be read: {cause.Message}; check the disk, or choose another output.uri", cause);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int access(string path, int mode);
}
