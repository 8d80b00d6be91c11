namespace DiffusionDpo.Models.Pipelines;

/// <summary>
/// The sizes that SDXL is told of an image (Podell et al. 2023, section 2.2). In training those of the file and of the crop cut from it; in
/// sampling those of an image that was not cut.
/// </summary>
/// <param name="OriginalHeight">Of the file, in pixels.</param>
/// <param name="OriginalWidth">Of the file, in pixels.</param>
/// <param name="CropTop">First row of the crop in the resized image.</param>
/// <param name="CropLeft">First column of the crop in the resized image, after mirroring.</param>
/// <param name="TargetHeight">Of the crop, in pixels.</param>
/// <param name="TargetWidth">Of the crop, in pixels.</param>
public readonly record struct ImageSizes(int OriginalHeight, int OriginalWidth, int CropTop, int CropLeft, int TargetHeight, int TargetWidth)
{
    /// <summary>An image that was neither resized nor cut.</summary>
    /// <param name="height">Pixels.</param>
    /// <param name="width">Pixels.</param>
    public static ImageSizes Whole(int height, int width) => new(height, width, 0, 0, height, width);
}
