namespace DiffusionDpo.Data.Pairs;

/// <summary>A row that cannot be a pair although it should be one.</summary>
/// <param name="Shard">The shard's address.</param>
/// <param name="RowGroup">Row group, from 0.</param>
/// <param name="Row">Row in the group, from 0.</param>
/// <param name="Reason">What is wrong, one line.</param>
public sealed record BadRow(string Shard, int RowGroup, int Row, string Reason)
{
    /// <summary>The row and its reason, one line.</summary>
    public override string ToString() => $"{Shard}, row group {RowGroup}, row {Row}: {Reason}";
}
