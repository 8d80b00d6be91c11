using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Stages;

/// <summary>A run's log: one JSON object per event, over all processes of the run, each handed to the system before the run goes on, so that a kill loses none.</summary>
internal sealed class EventLog : IRunDisplay
{
    private const byte LineEnd = (byte)'\n';

    private readonly FileStream _file;
    private readonly StringWriter _line = new();
    private readonly JsonDisplay _format;

    /// <summary>Opens a log to append to it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="RunException">Storage error: it cannot be written.</exception>
    public EventLog(string path, TimeProvider time)
    {
        _format = new(_line, time);
        _file = Guard(path, () => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0));
        if (EndsWithinLine()) Write([LineEnd]);
    }

    /// <inheritdoc/>
    public void Show(Notice notice) => Append(() => _format.Show(notice));

    /// <inheritdoc/>
    public void Show(StepProgress step) => Append(() => _format.Show(step));

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // A killed process may have cut its last line.
    private bool EndsWithinLine()
    {
        if (_file.Length == 0) return false;
        _file.Seek(-1, SeekOrigin.End);
        return _file.ReadByte() != LineEnd;
    }

    private void Append(Action format)
    {
        lock (_line)
        {
            _line.GetStringBuilder().Clear();
            format();
            Write(Encoding.UTF8.GetBytes(_line.ToString()));
        }
    }

    private void Write(byte[] bytes) => Guard(_file.Name, () =>
    {
        _file.Write(bytes);
        return 0;
    });

    private static T Guard<T>(string path, Func<T> access)
    {
        try
        {
            return access();
        }
        catch (Exception cause) when (DurableFile.IsOfTheDisk(cause))
        {
            throw new RunException(ExitClass.StorageError, $"{path} cannot be written: {cause.Message}; free space on that disk or choose another output.uri", cause);
        }
    }
}
