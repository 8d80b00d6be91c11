using DiffusionDpo.Models.Images;

namespace DiffusionDpo.Models.Scorers.Preprocessing;

/// <summary>From an image of any size to what an image encoder sees. Pure; safe for use by many threads.</summary>
internal interface IImagePreprocessing
{
    /// <summary>Side of the square, S.</summary>
    int Size { get; }

    /// <summary>Everything that decides the values, as text: part of the identity of scores.</summary>
    string Description { get; }

    /// <summary>Makes the square.</summary>
    /// <param name="image">The image.</param>
    /// <returns>Channel, row, column: 3·S·S values, normalised.</returns>
    float[] Apply(RgbImage image);
}
