using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Feedback;

/// <summary>All rows of a row group, pairs or not.</summary>
/// <param name="Human">A <see cref="HumanLabel"/> for each row.</param>
/// <param name="Content">Captions and images of each; of bad rows too, where there are any.</param>
internal sealed record GroupRows(string Human, RowGroupContent Content)
{
    /// <summary>Reads a group. Storage failures pass through; what is corrupt becomes the failure of the content.</summary>
    /// <exception cref="RunException">Data error: the labels cannot be read.</exception>
    public static GroupRows Read(Stores stores, ManifestShard shard, int group)
    {
        using var file = PickAPicShard.Open(stores.For(shard.Info.Uri), shard.Info);
        var human = string.Concat(file.ReadLabels(group).Select(labels => labels.Verdict switch
        {
            Verdict.FirstWins => HumanLabel.First,
            Verdict.SecondWins => HumanLabel.Second,
            Verdict.Tie => HumanLabel.Tie,
            Verdict.Unlabelled => HumanLabel.None,
            _ => HumanLabel.Bad,
        }));
        LabelledRow[] all = [.. Enumerable.Range(0, human.Length).Select(row => new LabelledRow(row, FirstWins: true))];
        return new(human, RowGroupContent.Read(stores, shard, new PairGroup(0, group, all)));
    }
}
