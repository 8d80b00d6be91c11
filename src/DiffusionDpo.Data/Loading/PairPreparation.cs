using System.Text;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Models.Images;

namespace DiffusionDpo.Data.Loading;

/// <summary>From a pair's number and its row group to its pixels and prompt. Pure: the same visit gives the same pair on any thread.</summary>
/// <param name="manifest">The pairs.</param>
/// <param name="transform">What happens to images.</param>
/// <param name="emptyPromptProportion">Share of captions that are dropped.</param>
internal sealed class PairPreparation(PairManifest manifest, PairTransform transform, double emptyPromptProportion)
{
    private const int MostOfCaption = 1 << 16;

    /// <summary>Prepares a pair; of a bad row, an empty pair of weight 0 and what is wrong with it.</summary>
    public (PreferencePair Pair, BadRow? Bad) Prepare(int pair, DrawPlace place, RowGroupContent content)
    {
        var (group, offset) = manifest.Locate(pair);
        var row = manifest.Groups[group].Pairs[offset];
        try
        {
            return (Decode(pair, place, (content, offset, row.FirstWins)), null);
        }
        catch (BadImageException exception)
        {
            var (shard, rowGroup) = (manifest.Shards[manifest.Groups[group].Shard], manifest.Groups[group].RowGroup);
            return (Empty(pair, place), new BadRow(shard.Info.Uri.ToString(), rowGroup, row.Row, exception.Message));
        }
        finally
        {
            content.Forget(offset); // a pair is visited once in its window
        }
    }

    private PreferencePair Decode(int pair, DrawPlace place, (RowGroupContent Group, int Offset, bool FirstWins) row)
    {
        if (row.Group.ReasonOf(row.Offset) is { } reason) throw new BadImageException(reason);
        var caption = CaptionOf(row.Group, row.Offset);
        var first = Decode(row.Group.ImageNames.First, row.Group.Images0[row.Offset]);
        var second = Decode(row.Group.ImageNames.Second, row.Group.Images1[row.Offset]);
        var (winner, loser) = row.FirstWins ? transform.Apply(first, second, place) : transform.Apply(second, first, place);
        return Empty(pair, place) with
        {
            Prompt = CaptionDropout.Apply(caption, emptyPromptProportion, place),
            Winner = winner.Pixels,
            Loser = loser.Pixels,
            WinnerSizes = winner.Sizes,
            LoserSizes = loser.Sizes,
            Weight = 1,
        };
    }

    /// <summary>The caption of a row.</summary>
    /// <exception cref="BadImageException">There is none, or it is too long.</exception>
    public static string CaptionOf(RowGroupContent group, int offset)
    {
        var caption = group.Captions[offset] ?? throw new BadImageException("no caption");
        var bytes = Encoding.UTF8.GetByteCount(caption);
        return bytes <= MostOfCaption ? caption : throw new BadImageException($"a caption of {bytes} bytes, more than {MostOfCaption}");
    }

    /// <summary>An image of a row; what is wrong with it names it.</summary>
    public static RgbImage Decode(string name, byte[]? encoded)
    {
        try
        {
            if (encoded?.Length > EncodedImage.MostBytes) throw new BadImageException($"{encoded.Length} bytes, more than {EncodedImage.MostBytes}");
            return ImageDecoder.Decode(encoded ?? throw new BadImageException("no image"));
        }
        catch (BadImageException exception)
        {
            throw new BadImageException($"{name}: {exception.Message}", exception);
        }
    }

    private PreferencePair Empty(int pair, DrawPlace place) =>
        PreferencePair.Empty(pair, place, new float[3 * transform.Resolution * transform.Resolution]);
}
