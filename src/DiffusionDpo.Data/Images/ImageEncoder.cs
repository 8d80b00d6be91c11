using DiffusionDpo.Models.Images;
using NetVips;

namespace DiffusionDpo.Data.Images;

/// <summary>8-bit RGB to image files.</summary>
public static class ImageEncoder
{
    /// <summary>A JPEG file.</summary>
    /// <param name="image">The image.</param>
    /// <param name="quality">1 to 100.</param>
    public static byte[] Jpeg(RgbImage image, int quality = 90) => Encode(image, vips => vips.JpegsaveBuffer(q: quality));

    /// <summary>A PNG file; lossless.</summary>
    /// <param name="image">The image.</param>
    public static byte[] Png(RgbImage image) => Encode(image, vips => vips.PngsaveBuffer());

    /// <summary>A WebP file; lossless.</summary>
    /// <param name="image">The image.</param>
    public static byte[] WebP(RgbImage image) => Encode(image, vips => vips.WebpsaveBuffer(lossless: true));

    private static byte[] Encode(RgbImage image, Func<Image, byte[]> save)
    {
        ImageCodec.Prepare();
        using var vips = Image.NewFromMemoryCopy(image.Pixels, image.Width, image.Height, bands: 3, Enums.BandFormat.Uchar);
        using var inRgb = vips.Copy(interpretation: Enums.Interpretation.Srgb);
        return save(inRgb);
    }
}
