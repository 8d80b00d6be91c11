using System.Text;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Preparation;

/// <summary>Looks at the images of a shard once: hashes, sizes, and what is wrong with them.</summary>
/// <param name="stores">Where the shards are.</param>
/// <param name="resolution">Of the squares that they become.</param>
internal sealed class RowLook(Stores stores, int resolution)
{
    /// <summary>Looks at a shard.</summary>
    /// <param name="manifest">The pairs.</param>
    /// <param name="shard">Number of the shard.</param>
    /// <param name="looked">Told of every row, from any thread.</param>
    /// <param name="cancellation">Stops between two rows.</param>
    public async Task<ShardRows> LookAsync(PairManifest manifest, int shard, Action looked, CancellationToken cancellation)
    {
        var (rows, mayChange) = (new List<RowFacts>(), false);
        foreach (var group in manifest.Groups.Where(group => group.Shard == shard))
        {
            var content = await RowGroupContent.ReadAsync(stores, manifest.Shards[shard], group, cancellation).ConfigureAwait(false);
            mayChange |= Enumerable.Range(0, group.Pairs.Count).Any(offset => content.ReasonOf(offset) is not null);
            var facts = new RowFacts[group.Pairs.Count];
            var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
            Parallel.For(0, facts.Length, options, offset =>
            {
                facts[offset] = Look(content, offset);
                looked();
            });
            rows.AddRange(facts);
        }

        return new ShardRows(ShardRows.StampOf(manifest.Shards[shard]), [.. rows], mayChange);
    }

    // The reasons are those that decoding on every visit would give, in the same order.
    private RowFacts Look(RowGroupContent content, int offset)
    {
        try
        {
            if (content.ReasonOf(offset) is { } reason) throw new BadImageException(reason);
            var caption = PairPreparation.CaptionOf(content, offset);
            var first = Look(content.ImageNames.First, content.Images0[offset]);
            var second = Look(content.ImageNames.Second, content.Images1[offset]);
            SquareTransform.SizeOf(first.Width, first.Height, resolution);
            SquareTransform.SizeOf(second.Width, second.Height, resolution);
            return new RowFacts(null, first, second, ContentHash.Of(Encoding.UTF8.GetBytes(caption)));
        }
        catch (BadImageException exception)
        {
            return new RowFacts(exception.Message, default, default, default);
        }
    }

    private static ImageFacts Look(string name, byte[]? encoded)
    {
        var image = PairPreparation.Decode(name, encoded);
        return new ImageFacts(ContentHash.Of(encoded), image.Width, image.Height, encoded!.Length);
    }
}
