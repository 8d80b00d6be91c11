namespace DiffusionDpo.Data.Preparation;

/// <summary>How rows of one kind are laid out: how long each is, and how many an object holds.</summary>
/// <param name="Kind">Images or prompts.</param>
/// <param name="Pieces">What is read by itself of a row: an image and its mirror.</param>
/// <param name="PieceShape">Shape of a piece.</param>
/// <param name="PieceBytes">Bytes of a piece.</param>
internal sealed record PartLayout(string Kind, int Pieces, long[] PieceShape, int PieceBytes)
{
    public const string Images = "images";
    public const string Prompts = "prompts";

    private const long MostBytes = 96 << 20; // few requests, and little to do again after a kill

    /// <summary>Bytes of a row.</summary>
    public int RowBytes => Pieces * PieceBytes;

    /// <summary>Shape of a row.</summary>
    public long[] RowShape => [Pieces, .. PieceShape];

    /// <summary>The objects of a shard.</summary>
    public IEnumerable<FirstMet[]> PartsOf(IEnumerable<FirstMet> owned) => owned.Chunk((int)Math.Max(1, MostBytes / RowBytes));
}
