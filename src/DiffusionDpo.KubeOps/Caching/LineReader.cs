using System.IO.Pipelines;
using System.Buffers;

namespace DiffusionDpo.KubeOps.Caching;

/// <summary>Lines of a stream. What comes after the last line break when the stream ends is half a line, and dropped.</summary>
internal sealed class LineReader(Stream stream)
{
    /// <summary>The API server stores objects of 1.5 MiB at most.</summary>
    private const int MostBytes = 8 << 20;

    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 << 10, leaveOpen: true));
    private SequencePosition? _read;

    /// <summary>The next line, valid until the next call; null at the end.</summary>
    /// <exception cref="InvalidDataException">A line is longer than any object may be.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_read is { } position) _reader.AdvanceTo(position);
            _read = null;
            var result = await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (result.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = result.Buffer.Slice(0, end);
                _read = result.Buffer.GetPosition(1, end);
                if (!line.IsEmpty) return line.IsSingleSegment ? line.First : line.ToArray();
                continue;
            }

            if (result.IsCompleted) return null;
            if (result.Buffer.Length > MostBytes) throw new InvalidDataException($"a line of more than {MostBytes} bytes");
            _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
