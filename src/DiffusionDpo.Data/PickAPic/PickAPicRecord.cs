namespace DiffusionDpo.Data.PickAPic;

/// <summary>One row of Pick-a-Pic as <see cref="PickAPicWriter"/> takes it; the columns that training never reads are derived.</summary>
public sealed record PickAPicRecord
{
    /// <summary>The prompt of both images; null makes a bad row.</summary>
    public required string? Caption { get; init; }

    /// <summary>First image, encoded; null makes a bad row.</summary>
    public required byte[]? Image0 { get; init; }

    /// <summary>Second image, encoded; null makes a bad row.</summary>
    public required byte[]? Image1 { get; init; }

    /// <summary>1: the first image is preferred; 0: the second; 0.5: neither.</summary>
    public required double? Label0 { get; init; }

    /// <summary>The label of the second image, normally 1 − <see cref="Label0"/>; null stands for that.</summary>
    public double? Label1 { get; init; }

    /// <summary>Whether a person has labelled the row.</summary>
    public bool HasLabel { get; init; } = true;

    /// <summary>When the row was made. Default: the Unix epoch.</summary>
    public DateTime CreatedAt { get; init; } = DateTime.UnixEpoch;
}
