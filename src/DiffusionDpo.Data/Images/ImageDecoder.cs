using DiffusionDpo.Models.Images;
using NetVips;

namespace DiffusionDpo.Data.Images;

/// <summary>
/// JPEG, PNG and WebP to 8-bit RGB, as the training scripts of the field do it: the EXIF orientation is not applied, alpha is dropped and
/// not blended, grey is repeated, 16 bits lose the low 8, CMYK is converted.
/// </summary>
public static class ImageDecoder
{
    /// <summary>Larger images are refused before a pixel is decoded.</summary>
    public const long MaxPixels = 100_000_000;

    /// <summary>Decodes a whole image; anything that the decoder so much as warns of is refused.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <exception cref="BadImageException">Not such an image, truncated, corrupt or too large.</exception>
    public static RgbImage Decode(byte[] encoded) => Decode(encoded, withAlpha: false);

    /// <summary>The same with the opacity of its pixels, where the file has some.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <exception cref="BadImageException">Not such an image, truncated, corrupt or too large.</exception>
    public static RgbImage DecodeWithAlpha(byte[] encoded) => Decode(encoded, withAlpha: true);

    private static RgbImage Decode(byte[] encoded, bool withAlpha)
    {
        ImageCodec.Prepare();
        if (!HasKnownFormat(encoded)) throw new BadImageException(encoded.Length == 0 ? "no bytes" : "neither JPEG nor PNG nor WebP");
        try
        {
            using var image = Image.NewFromBuffer(encoded, access: Enums.Access.Sequential, failOn: Enums.FailOn.Warning);
            if ((long)image.Width * image.Height > MaxPixels)
                throw new BadImageException($"{image.Width}×{image.Height} is more than {MaxPixels / 1_000_000} million pixels");
            return ToRgb(image, withAlpha);
        }
        catch (VipsException exception)
        {
            throw new BadImageException($"cannot be decoded: {OneLine(exception.Message)}", exception);
        }
    }

    private static bool HasKnownFormat(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith<byte>([0xFF, 0xD8, 0xFF])
        || bytes.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A])
        || (bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8));

    private static RgbImage ToRgb(Image image, bool withAlpha)
    {
        using var inRgb = image.Interpretation == Enums.Interpretation.Cmyk ? image.Colourspace(Enums.Interpretation.Srgb) : image.Copy();
        using var in8Bits = inRgb.Format == Enums.BandFormat.Uchar ? inRgb.Copy() : inRgb.Cast(Enums.BandFormat.Uchar, shift: true);
        var (width, height, bands) = (in8Bits.Width, in8Bits.Height, in8Bits.Bands);
        var samples = in8Bits.WriteToMemory<byte>();
        if (bands == 3) return new RgbImage(samples, width, height);
        var pixels = new byte[width * height * 3];
        var isGrey = bands < 3;
        for (int from = 0, to = 0; to < pixels.Length; from += bands, to += 3)
        {
            pixels[to] = samples[from];
            pixels[to + 1] = samples[isGrey ? from : from + 1];
            pixels[to + 2] = samples[isGrey ? from : from + 2];
        }

        return new RgbImage(pixels, width, height) { Alpha = withAlpha && bands % 2 == 0 ? AlphaOf(samples, bands) : null };
    }

    private static byte[] AlphaOf(byte[] samples, int bands)
    {
        var alpha = new byte[samples.Length / bands];
        for (var pixel = 0; pixel < alpha.Length; pixel++)
            alpha[pixel] = samples[(pixel * bands) + bands - 1];
        return alpha;
    }

    private static string OneLine(string message) => string.Join("; ", message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
