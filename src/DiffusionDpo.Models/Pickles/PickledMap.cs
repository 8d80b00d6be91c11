namespace DiffusionDpo.Models.Pickles;

/// <summary>A dict or an OrderedDict, as a list: what a file says twice is there twice.</summary>
/// <param name="IsOrdered">Whether it is an OrderedDict.</param>
internal sealed record PickledMap(bool IsOrdered)
{
    /// <summary>Keys and values in the order of the file.</summary>
    public List<(object? Key, object? Value)> Entries { get; } = [];
}
