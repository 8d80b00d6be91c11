namespace DiffusionDpo.Data.WebDataset;

/// <summary>A file in a tar archive.</summary>
/// <param name="Name">Path in the archive.</param>
/// <param name="Start">First byte of its headers.</param>
/// <param name="Offset">First byte of its body.</param>
/// <param name="Size">Bytes of its body.</param>
internal readonly record struct TarMember(string Name, long Start, long Offset, long Size)
{
    /// <summary>The byte after its body.</summary>
    public long End => Offset + Size;
}
