using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Storage;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Cli.Stages;

/// <summary>
/// A run's directory: its run file, the log of its events, its checkpoints and its model. It belongs to one run, and to one process at a time.
/// </summary>
internal sealed class RunDirectory : IDisposable
{
    private const string RunFileName = "run.json";
    private const string LogName = "events.jsonl";
    private const string LockName = "run.lock";

    private readonly FileStream _lock;

    private RunDirectory(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>One JSON object per event, over all processes of this run.</summary>
    public string LogPath => System.IO.Path.Combine(Path, LogName);

    /// <summary>Takes the directory of a run: makes it, or goes on in it if it is this run's or of one that came to nothing.</summary>
    /// <param name="file">The run file of any stage.</param>
    /// <exception cref="RunException">
    /// Configuration error: it belongs to another run, or another process works in it. Storage error: it cannot be written.
    /// </exception>
    public static RunDirectory Open(RunFile file)
    {
        string path = StorageUri.Parse(file.Output.Uri).LocalPath;
        FileStream held = Take(path);
        try
        {
            Claim(file, path);
            return new(path, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Appends events to the run's log.</summary>
    /// <param name="time">The clock.</param>
    public IRunDisplay OpenLog(TimeProvider time) => new JsonDisplay(new StreamWriter(LogPath, append: true), time);

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static FileStream Take(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new RunException(ExitClass.StorageError, $"output.uri: {path} cannot be made: {cause.Message}", cause);
        }

        try
        {
            return new(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException cause)
        {
            throw new RunException(ExitClass.StorageError, $"output.uri: {path} cannot be written: {cause.Message}", cause);
        }
        catch (IOException cause)
        {
            throw new RunException(ExitClass.ConfigurationError, $"output.uri: another process works in {path}; wait for it, or choose another directory", cause);
        }
    }

    private static void Claim(RunFile file, string path)
    {
        string place = System.IO.Path.Combine(path, RunFileName);
        if (File.Exists(place))
        {
            RunFile owner = RunFile.Parse(File.ReadAllText(place));
            if (owner.Fingerprint == file.Fingerprint) return;
            if (HasResults(owner))
            {
                throw new RunException(
                    ExitClass.ConfigurationError,
                    $"output.uri: {path} belongs to another run ({owner.Name}, whose model, data or training options differ); choose another output.uri, or remove it");
            }

            File.Delete(System.IO.Path.Combine(path, LogName)); // it tells of a run that came to nothing, such as one with a wrong path in its file
        }

        DurableFile.Write(place, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(file.ToJson())));
    }

    private static bool HasResults(RunFile owner) =>
        !TrainingRun.StoreOf(owner, TimeProvider.System).IsEmpty || Directory.Exists(ModelExport.PlaceOf(owner));
}
