using System.Runtime.CompilerServices;
using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.WebDataset;

/// <summary>
/// A tar file of preference pairs. It is indexed by its headers: a read of 4 kB at each, which often holds the next ones too, and bodies are
/// not read. Samples that follow each other make a group of bounded size, which is read in one piece.
/// </summary>
/// <param name="store">Where it is.</param>
/// <param name="info">The file.</param>
internal sealed class WebDatasetShard(IObjectStore store, ObjectInfo info) : IShard
{
    /// <summary>Longer prompts are bad rows.</summary>
    public const int MostOfPrompt = 1 << 16;

    private const int Window = 4096; // the short body of a prompt lies in it, and the headers after
    private const int RowsPerGroup = 64;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ScannedGroup> ScanAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var (rows, number, start, end) = (new List<ScannedRow>(), 0, 0L, 0L);
        await foreach (var sample in Translated(SamplesAsync(Windowed(), info.Size, isWhole: true, cancellation)).ConfigureAwait(false))
        {
            if (rows.Count > 0 && (rows.Count == RowsPerGroup || sample.End - start > EncodedImage.MostBytes))
            {
                yield return new ScannedGroup(new GroupPlace(number++, start, end - start), rows);
                rows = [];
            }

            if (rows.Count == 0) start = sample.Start;
            rows.Add(sample.Scanned);
            end = sample.End;
        }

        if (rows.Count > 0) yield return new ScannedGroup(new GroupPlace(number, start, end - start), rows);
    }

    /// <inheritdoc/>
    public async ValueTask<RowGroupContent> ReadAsync(GroupPlace group, IReadOnlyList<int> rows, CancellationToken cancellation)
    {
        if (group.Length is <= 0 or > EncodedImage.MostBytes || group.Offset < 0 || group.Offset + group.Length > info.Size)
            throw Broken($"no group is at byte {group.Offset}");
        var bytes = new byte[group.Length];
        await store.ReadAsync(info, group.Offset, bytes, cancellation).ConfigureAwait(false);
        var samples = await Translated(SamplesAsync((offset, count, _) => new(bytes.AsMemory((int)offset, count)), bytes.Length, isWhole: false, cancellation))
            .ToListAsync(cancellation).ConfigureAwait(false);
        if (rows.Any(row => row >= samples.Count || samples[row].Scanned.Verdict != Verdict.FirstWins))
            throw Broken($"other samples than before are at byte {group.Offset}");
        WebSample[] wanted = [.. rows.Select(row => samples[row])];
        return new RowGroupContent(
            [.. wanted.Select(sample => Encoding.UTF8.GetString(Body(sample.Text!.Value)).TrimStart('\uFEFF').TrimEnd('\r', '\n'))],
            [.. wanted.Select(sample => Body(sample.Winner!.Value))],
            [.. wanted.Select(sample => Body(sample.Loser!.Value))],
            Failure: null)
        {
            ImageNames = ("w", "l"),
            Traffic = new ReadTraffic(1, bytes.Length, wanted.Sum(sample => sample.Winner!.Value.Size + sample.Loser!.Value.Size + sample.Text!.Value.Size)),
        };

        byte[] Body(TarMember member) => bytes.AsSpan((int)member.Offset, (int)member.Size).ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static async IAsyncEnumerable<WebSample> SamplesAsync(
        TarBytes bytes, long length, bool isWhole, [EnumeratorCancellation] CancellationToken cancellation)
    {
        WebSample? open = null;
        await foreach (var member in TarWalk.MembersAsync(bytes, length, isWhole, cancellation).ConfigureAwait(false))
        {
            if (WebSample.Split(member.Name) is not { } name) continue;
            if (open?.Key != name.Key)
            {
                if (open is { IsRow: true }) yield return open;
                open = new WebSample(name.Key, member.Start);
            }

            open.Add(member, name.Extension);
        }

        if (open is { IsRow: true }) yield return open;
    }

    /// <summary>The file through a window that moves to where something is wanted.</summary>
    private TarBytes Windowed()
    {
        var (window, start) = (Memory<byte>.Empty, 0L);
        return async (offset, count, cancellation) =>
        {
            if (offset < start || offset + count > start + window.Length)
            {
                window = new byte[Math.Min(Math.Max(Window, count), info.Size - offset)];
                await store.ReadAsync(info, start = offset, window, cancellation).ConfigureAwait(false);
            }

            return window.Slice((int)(offset - start), count);
        };
    }

    private async IAsyncEnumerable<WebSample> Translated(IAsyncEnumerable<WebSample> samples)
    {
        await using var each = samples.GetAsyncEnumerator();
        while (await MovesAsync().ConfigureAwait(false))
            yield return each.Current;

        async ValueTask<bool> MovesAsync()
        {
            try
            {
                return await each.MoveNextAsync().ConfigureAwait(false);
            }
            catch (InvalidDataException exception)
            {
                throw Broken(exception.Message, exception);
            }
        }
    }

    private RunException Broken(string reason, Exception? cause = null) => new(
        ExitClass.DataError,
        $"{info.Uri}: not readable as a WebDataset tar file: {Printable.OneLine(reason)}; fetch the shard again or take it out of the source",
        cause);
}
