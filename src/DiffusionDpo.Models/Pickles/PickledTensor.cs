namespace DiffusionDpo.Models.Pickles;

/// <summary>A tensor in a storage.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="Offset">Its first element.</param>
/// <param name="Shape">Sizes of its dimensions.</param>
/// <param name="Strides">Elements from one to the next along each.</param>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    private const int MostDimensions = 16;

    /// <summary>Number of elements.</summary>
    public long Elements => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Refuses a tensor that is not wholly inside its storage, or that repeats elements of it.</summary>
    public PickledTensor Checked()
    {
        bool isSound = Shape.Length == Strides.Length && Shape.Length <= MostDimensions && Offset >= 0 && Offset <= Storage.Elements;
        Int128 elements = 1, last = Offset;
        for (int i = 0; isSound && i < Shape.Length; i++)
        {
            isSound = Shape[i] >= 0 && Strides[i] >= 0 && (elements *= Shape[i]) <= Storage.Elements;
            last = Int128.Min(last + ((Int128)Math.Max(0, Shape[i] - 1) * Strides[i]), long.MaxValue); // so that it cannot come round
        }

        if (!isSound || (elements > 0 && last >= Storage.Elements))
            throw new PickleRefusal($"a tensor [{string.Join(", ", Shape.Take(MostDimensions))}] does not lie within its storage of {Storage.Elements} elements");
        return this;
    }
}
