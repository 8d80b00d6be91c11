using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Storage;
using static TorchSharp.torch;

namespace DiffusionDpo.Data.Preparation;

/// <summary>Encodes what a shard is the first to hold, object by object. One thread encodes, others read and decode ahead.</summary>
/// <param name="stores">Where the shards are.</param>
/// <param name="manifest">The pairs.</param>
/// <param name="encoder">The networks.</param>
/// <param name="resolution">Side of the images.</param>
internal sealed class ShardEncoding(Stores stores, PairManifest manifest, CacheEncoder encoder, int resolution)
{
    private const int Ahead = 8;

    private (int Group, RowGroupContent Content)? _last;

    /// <summary>The rows of an object, in a tensor that the caller disposes.</summary>
    /// <param name="layout">Images or prompts.</param>
    /// <param name="rows">Which.</param>
    /// <param name="encoded">Told of each row.</param>
    /// <param name="cancellation">Stops between two rows.</param>
    /// <exception cref="RunException">Data error: a row is not what it was when it was looked at.</exception>
    public Tensor Encode(PartLayout layout, FirstMet[] rows, Action encoded, CancellationToken cancellation)
    {
        var isImage = layout.Kind == PartLayout.Images;
        var all = empty([rows.Length, .. layout.RowShape], encoder.Format);
        var filled = 0;
        foreach (var row in isImage ? Squares(rows, layout.Pieces, cancellation).Select(encoder.Image) : Captions(rows, cancellation).Select(encoder.Prompt))
        {
            cancellation.ThrowIfCancellationRequested();
            row.CopyTo(TorchNative.Bytes(all)[(filled++ * layout.RowBytes)..]);
            encoded();
        }

        return all.DetachFromDisposeScope();
    }

    private IEnumerable<float[][]> Squares(FirstMet[] rows, int pieces, CancellationToken cancellation)
    {
        var ahead = new Queue<Task<float[][]>>();
        foreach (var row in rows)
        {
            var content = ContentOf(row.Group, cancellation);
            ahead.Enqueue(Task.Run(() => SquaresOf(content, row, pieces)));
            if (ahead.Count >= Ahead) yield return ahead.Dequeue().GetAwaiter().GetResult();
        }

        foreach (var square in ahead) yield return square.GetAwaiter().GetResult();
    }

    private float[][] SquaresOf(RowGroupContent content, FirstMet row, int pieces)
    {
        var bytes = (row.IsSecond ? content.Images1 : content.Images0).ElementAtOrDefault(row.Offset) ?? throw Changed(row, content.Failure);
        if (ContentHash.Of(bytes) != row.Hash) throw Changed(row, "an image is another");
        var image = PairPreparation.Decode("image", bytes);
        return [.. Enumerable.Range(0, pieces).Select(piece => PairTransform.Middle(image, resolution, mirrored: piece == 1))];
    }

    private IEnumerable<string> Captions(FirstMet[] rows, CancellationToken cancellation)
    {
        foreach (var row in rows)
        {
            var caption = row.Group < 0 ? "" : ContentOf(row.Group, cancellation) is var content && content.Captions.ElementAtOrDefault(row.Offset) is { } found ? found : throw Changed(row, content.Failure);
            if (ContentHash.Of(Encoding.UTF8.GetBytes(caption)) != row.Hash) throw Changed(row, "a caption is another");
            yield return caption;
        }
    }

    private RowGroupContent ContentOf(int group, CancellationToken cancellation)
    {
        if (_last is { } last && last.Group == group) return last.Content;
        var content = RowGroupContent.ReadAsync(stores, manifest.Shards[manifest.Groups[group].Shard], manifest.Groups[group], cancellation).AsTask().GetAwaiter().GetResult();
        _last = (group, content);
        return content;
    }

    private RunException Changed(FirstMet row, string? reason)
    {
        var group = manifest.Groups[row.Group];
        return new(
            ExitClass.DataError,
            $"{manifest.Shards[group.Shard].Info.Uri}, row group {group.RowGroup}, row {group.Pairs[row.Offset].Row} has changed while it was prepared: {reason}; leave the sources alone and prepare again");
    }
}
