using System.Runtime.InteropServices;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Places;
using DiffusionDpo.Cli.Reports;
using DiffusionDpo.Cli.Sampling;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Storage;
using DiffusionDpo.Training.Checkpoints;
using DiffusionDpo.Training.Checkpoints.Remote;
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

    /// <summary>The exported model.</summary>
    public const string ModelName = "model";

    private const string AdaptersName = "lora";
    private const string SamplesName = "samples";
    private const int MayWrite = 2; // W_OK
    private const int NamedDifferences = 3;

    private const string PlaceField = "output.uri";
    private const string CheckpointsField = "checkpoints.uri";

    private readonly RunLock _lock;
    private readonly RunLock? _checkpointsLock;
    private readonly string? _separateCheckpoints;
    private readonly RunMirror? _mirror;
    private readonly bool _isNew;
    private readonly string[] _made;
    private readonly bool _wantsSamples;

    private RunDirectory(string path, RunMirror? mirror, (RunLock Run, RunLock? Checkpoints) held, (bool IsNew, string[] Made) found, RunFile file)
    {
        _mirror = mirror;
        _separateCheckpoints = SeparateCheckpoints(file);
        _wantsSamples = file.Evaluation.Samples.Count > 0;
        (_isNew, _made) = found;
        Path = path;
        (_lock, _checkpointsLock) = held;
    }

    /// <summary>The directory on this machine: the run's own, or the one in which a run works whose own is in object storage.</summary>
    public string Path { get; }

    /// <summary>The run's directory as its user knows it.</summary>
    public string Location => _mirror?.Place.ToString() ?? Path;

    /// <summary>Whether the run's own directory is in object storage.</summary>
    public bool IsRemote => _mirror is not null;

    /// <summary>One JSON object per event, over all processes of this run.</summary>
    public string LogPath => System.IO.Path.Combine(Path, LogName);

    /// <summary>Takes the directory of a run: makes it, or goes on in it if it is this run's.</summary>
    /// <param name="file">The run file of any stage.</param>
    /// <exception cref="RunException">
    /// Configuration error: it belongs to another run, or another process works in it. Storage error: it cannot be written.
    /// </exception>
    public static RunDirectory Open(RunFile file)
    {
        RunMirror? mirror = MirrorOf(file);
        string path = PlaceOf(file);
        string[] made = [.. Upwards(path).TakeWhile(directory => !Directory.Exists(directory))];
        RunLock held = Take(path, PlaceField);
        RunLock? checkpoints = null;
        try
        {
            checkpoints = SeparateCheckpoints(file) is { } separate ? Take(separate, CheckpointsField) : null;
            return new(path, mirror, (held, checkpoints), (mirror is null ? Claim(file, path) : ClaimRemote(file, mirror, path), made), file);
        }
        catch
        {
            checkpoints?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Where on this machine a run works.</summary>
    /// <param name="file">The run file of any stage.</param>
    public static string PlaceOf(RunFile file)
    {
        StorageUri place = StorageUri.Parse(file.Output.Uri);
        return place.Scheme == StorageScheme.File ? place.LocalPath : RunMirror.LocalOf(place);
    }

    /// <summary>Says what <see cref="Open"/> would, as far as that can be known without making or writing anything.</summary>
    /// <param name="file">The run file of any stage.</param>
    /// <returns>The nearest directory that is there: the run's own, or the one that it would be made in.</returns>
    /// <exception cref="RunException">As <see cref="Open"/>.</exception>
    public static string Examine(RunFile file)
    {
        string path = PlaceOf(file), existing = ExaminePlace(path, PlaceField);
        ExamineLocal(file.Checkpoints.Uri, CheckpointsField);
        if (file.Data.Cache == DataCache.Latents) ExamineLocal(file.Data.CacheUri, "data.cacheUri");
        ExamineLock(path, PlaceField);
        if (SeparateCheckpoints(file) is { } separate) ExamineLock(separate, CheckpointsField);
        if (MirrorOf(file) is { } mirror) RefuseOther(mirror.Owner(), file, mirror.Place.ToString());
        else RefuseOthers(file, path);
        return existing;
    }

    private static void ExamineLocal(string? uri, string field)
    {
        if (uri is not null && StorageUri.Parse(uri) is { Scheme: StorageScheme.File } place) ExaminePlace(place.LocalPath, field);
    }

    private static void ExamineLock(string path, string field)
    {
        if (File.Exists(System.IO.Path.Combine(path, RunLock.FileName))) Take(path, field).Dispose();
    }

    /// <summary>The directory of the run's checkpoints where it is on this machine and not the run's own or within it: another run may have been given the same.</summary>
    private static string? SeparateCheckpoints(RunFile file)
    {
        StorageUri place = StorageUri.Parse(file.Checkpoints.Uri!);
        return place.Scheme == StorageScheme.File && !Upwards(place.LocalPath).Contains(PlaceOf(file)) ? place.LocalPath : null;
    }

    /// <summary>The directory in which one of a path would be made.</summary>
    private static string ExaminePlace(string path, string field)
    {
        string existing = Upwards(path).First(System.IO.Path.Exists);
        if (!Directory.Exists(existing)) throw CannotBeMade(path, new IOException($"{existing} is a file"), field);
        return access(existing, MayWrite) == 0 ? existing : throw CannotBeMade(path, new IOException($"no permission to write in {existing}"), field);
    }

    /// <summary>Appends events to the run's log.</summary>
    /// <param name="time">The clock.</param>
    public EventLog OpenLog(TimeProvider time) => new(LogPath, time);

    /// <summary>Where the exported model is, once the run is finished.</summary>
    public string Model => $"{Location}/{ModelName}";

    /// <summary>Where trained adapters are, once the run is finished; not there where all weights are trained.</summary>
    public string Adapters => $"{Location}/{AdaptersName}";

    /// <summary>Whether the model is there; nothing is left to be trained.</summary>
    public bool IsExported => Directory.Exists(System.IO.Path.Combine(Path, ModelName)) || _mirror?.Has($"{ModelName}/{ModelDirectory.IndexName}") == true;

    /// <summary>Whether all is there that a run makes, where its user looks for it: what was made may not have been brought there.</summary>
    public bool IsFinished => _mirror is null
        ? IsExported && (!_wantsSamples || Directory.Exists(SampleSheet.PlaceIn(Path)))
        : _mirror.Has($"{ModelName}/{ModelDirectory.IndexName}") && (!_wantsSamples || _mirror.Has($"{SamplesName}/{SampleSheet.PromptsName}"));

    /// <summary>Whether there are adapters.</summary>
    public bool HasAdapters => Directory.Exists(System.IO.Path.Combine(Path, AdaptersName)) || _mirror?.Has($"{AdaptersName}/{LoraFile.DiffusersName}") == true;

    /// <summary>Where on this machine a run finds what its run file names.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="model">The base model on this machine.</param>
    /// <param name="time">The clock.</param>
    public static RunPlaces PlacesOf(RunFile file, string model, TimeProvider time)
    {
        StorageUri checkpoints = StorageUri.Parse(file.Checkpoints.Uri!);
        string directory = PlaceOf(file), scratch = System.IO.Path.Combine(directory, "fetched-checkpoint");
        return new()
        {
            Model = model,
            Directory = directory,
            Checkpoints = checkpoints.Scheme == StorageScheme.File
                ? new CheckpointStore(checkpoints.LocalPath, file.Checkpoints.Keep, time)
                : new RemoteCheckpointStore(Stores.Of(file.Storage).For(checkpoints), checkpoints, scratch, file.Checkpoints.Keep, time),
        };
    }

    /// <summary>Brings what is known of the run so far to its directory in object storage, as far as that is possible: a run does not end because of it.</summary>
    /// <param name="display">Told what went wrong.</param>
    public void Publish(IRunDisplay display)
    {
        if (_mirror is null) return;
        try
        {
            _mirror.Push(LogName);
            _mirror.Push(RunReport.Name);
        }
        catch (RunException failure)
        {
            display.Show(Notice.Of("publish-failed", $"{LogName} and {RunReport.Name} were not brought to {Location}: {failure.Message}"));
        }
    }

    /// <summary>Brings what the run was for to its directory in object storage: adapters, and the model last.</summary>
    /// <exception cref="RunException">Storage failures.</exception>
    public void PublishModel()
    {
        _mirror?.PushDirectory(AdaptersName, LoraFile.DiffusersName);
        _mirror?.PushDirectory(ModelName, ModelDirectory.IndexName);
    }

    /// <summary>Brings the samples there.</summary>
    /// <exception cref="RunException">Storage failures.</exception>
    public void PublishSamples() => _mirror?.PushDirectory(SamplesName, SampleSheet.PromptsName);

    /// <summary>
    /// Gives up a directory that this process has made its own and in which no step was completed, so that a corrected fine-tune may have it. One in object storage, where nothing
    /// is locked and another machine may have taken the run over, is given up only for what somebody has to correct.
    /// </summary>
    /// <param name="reason">Why no step was completed.</param>
    public void Abandon(ExitClass reason)
    {
        bool isToBeCorrected = reason is ExitClass.UserError or ExitClass.ConfigurationError or ExitClass.DataError or ExitClass.InputMissing or ExitClass.AuthError;
        if (!_isNew || (IsRemote && !isToBeCorrected)) return;
        try
        {
            _mirror?.Abandon();
            foreach (string name in (string[])[RunFileName, LogName, RunLock.FileName]) File.Delete(System.IO.Path.Combine(Path, name));
            foreach (string directory in _made.TakeWhile(IsEmpty)) Directory.Delete(directory);
            if (_separateCheckpoints is null) return;
            File.Delete(System.IO.Path.Combine(_separateCheckpoints, RunLock.FileName));
            if (IsEmpty(_separateCheckpoints)) Directory.Delete(_separateCheckpoints);
        }
        catch (Exception cause) when (cause is RunException || DurableFile.IsOfTheDisk(cause))
        {
            // What made the run fail is what the user needs to hear; the directory is still this run's.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _checkpointsLock?.Dispose();
        _lock.Dispose();
    }

    private static bool IsEmpty(string directory) => !Directory.EnumerateFileSystemEntries(directory).Any();

    private static IEnumerable<string> Upwards(string path)
    {
        for (string? at = path; at is not null; at = System.IO.Path.GetDirectoryName(at)) yield return at;
    }

    private static RunLock Take(string path, string field)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw CannotBeMade(path, cause, field);
        }

        return RunLock.Take(path, field);
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
        RefuseOther(Owner(place), file, path);
    }

    private static RunMirror? MirrorOf(RunFile file) => StorageUri.Parse(file.Output.Uri) is { Scheme: not StorageScheme.File } place
        ? new(Stores.Of(file.Storage).For(place), place, RunMirror.LocalOf(place))
        : null;

    /// <summary>Makes a directory in object storage this run's, and the working directory what is known of it there.</summary>
    /// <returns>Whether nothing of a run was there before.</returns>
    private static bool ClaimRemote(RunFile file, RunMirror mirror, string path)
    {
        RunFile? owner = mirror.Claim(file);
        RefuseOther(owner, file, mirror.Place.ToString());
        string place = System.IO.Path.Combine(path, RunFileName);
        if (owner is null || !File.Exists(place) || Owner(place).Fingerprint != file.Fingerprint) Clear(path);
        DurableFile.Write(place, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(file.ToJson())));
        if (owner is null) return true;
        mirror.Pull(LogName);
        mirror.PullDirectory(SamplesName, SampleSheet.PromptsName);
        return false;
    }

    // What an earlier run of another content has left in the working directory.
    private static void Clear(string path)
    {
        foreach (string directory in Directory.GetDirectories(path)) Directory.Delete(directory, recursive: true);
        foreach (string each in Directory.GetFiles(path).Where(each => System.IO.Path.GetFileName(each) != RunLock.FileName)) File.Delete(each);
    }

    private static void RefuseOther(RunFile? owner, RunFile file, string path)
    {
        if (owner is null || owner.Fingerprint == file.Fingerprint) return;
        string[] differences = [.. file.DifferencesFrom(owner)];
        string more = differences.Length > NamedDifferences ? $", and {differences.Length - NamedDifferences} more" : "";
        throw new RunException(
            ExitClass.ConfigurationError,
            $"output.uri: {path} belongs to another run ({owner.Name}: {string.Join(", ", differences.Take(NamedDifferences))}{more}); choose another output.uri, restore the options, or remove it");
    }

    private static RunException CannotBeMade(string path, Exception cause, string field) =>
        new(ExitClass.StorageError, $"{field}: {path} cannot be made: {cause.Message}; choose another directory", cause);

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
