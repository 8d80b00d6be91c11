using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Loading;

/// <summary>The captions and encoded images of the pairs of one row group; or why the group cannot be read, which makes all its pairs bad.</summary>
internal sealed record RowGroupContent(string?[] Captions, byte[]?[] Images0, byte[]?[] Images1, string? Failure)
{
    /// <summary>Reads a group. Storage failures pass through; a corrupt column chunk becomes the failure of the content.</summary>
    public static RowGroupContent Read(Stores stores, ManifestShard shard, PairGroup group)
    {
        try
        {
            using var file = PickAPicShard.Open(stores.For(shard.Info.Uri), shard.Info);
            int[] rows = [.. group.Pairs.Select(pair => pair.Row)];
            var captions = file.ReadCaptions(group.RowGroup);
            return new RowGroupContent(
                [.. rows.Select(row => captions[row])],
                file.ReadImages(group.RowGroup, PickAPicColumn.Image0, rows),
                file.ReadImages(group.RowGroup, PickAPicColumn.Image1, rows),
                Failure: null);
        }
        catch (RunException failure) when (failure.ExitClass == ExitClass.DataError)
        {
            return new RowGroupContent([], [], [], failure.Message);
        }
    }
}
