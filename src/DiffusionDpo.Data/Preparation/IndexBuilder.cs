using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Preparation;

/// <summary>Puts together where everything is.</summary>
internal static class IndexBuilder
{
    /// <summary>The index of objects that are all there.</summary>
    /// <param name="manifest">The pairs.</param>
    /// <param name="owned">Numbers of images and prompts.</param>
    /// <param name="encoder">Layouts.</param>
    /// <param name="files">Heads of the objects, and their names.</param>
    /// <param name="reasons">Why pairs are bad.</param>
    public static CacheIndex Build(
        PairManifest manifest, Ownership owned, CacheEncoder encoder, (IReadOnlyDictionary<StorageUri, PartFile> Parts, CachePlace Place) files, Dictionary<int, string> reasons) => new()
    {
        Images = Rows(owned.Images, encoder.Images, files),
        Prompts = Rows(owned.Prompts, encoder.Prompts, files),
        Sizes = [.. owned.ImageFacts.Select(image => (image.Width, image.Height))],
        Groups = [.. manifest.Groups.Select(group => new IndexedGroup(group.Shard, group.RowGroup, [.. group.Pairs.Select(pair => pair.Row)]))],
        Pairs = owned.Pairs,
        Reasons = reasons,
    };

    private static IndexedRows Rows(
        IReadOnlyList<List<FirstMet>> owned, PartLayout layout, (IReadOnlyDictionary<StorageUri, PartFile> Parts, CachePlace Place) files)
    {
        var (parts, checks, first) = (new List<IndexedPart>(), new List<long>(), 0);
        foreach (var (shard, rows) in owned.Index())
        {
            foreach (var (part, held) in layout.PartsOf(rows).Index())
            {
                var file = files.Parts[files.Place.Part(layout.Kind, shard, part)];
                parts.Add(new(shard, part, first, file.FirstByte));
                checks.AddRange(file.Checks);
                first += held.Length;
            }
        }

        return new(layout.Pieces, layout.PieceBytes, [.. parts], [.. checks]);
    }
}
