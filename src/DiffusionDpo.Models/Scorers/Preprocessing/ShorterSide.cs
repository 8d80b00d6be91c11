namespace DiffusionDpo.Models.Scorers.Preprocessing;

/// <summary>Sizes of an image whose shorter side gets a given length.</summary>
internal static class ShorterSide
{
    /// <summary>Width and height; the longer side keeps the proportion, rounded down.</summary>
    public static (int Width, int Height) To(int size, int width, int height)
    {
        int longer = (int)((long)size * Math.Max(width, height) / Math.Min(width, height));
        return width <= height ? (size, longer) : (longer, size);
    }
}
