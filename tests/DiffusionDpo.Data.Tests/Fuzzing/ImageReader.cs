using System.Buffers.Binary;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Tests.Images;
using DiffusionDpo.Models.Images;
using Xunit;

namespace DiffusionDpo.Data.Tests.Fuzzing;

/// <summary>JPEG, PNG and WebP, through the decoder and to the square that a network sees. Refused: <see cref="BadImageException"/>.</summary>
internal sealed class ImageReader : NativeReader
{
    private static readonly PairTransform s_transform = new(64, CropMode.Center, FlipMode.None);

    public override IReadOnlyList<byte[]> Sound { get; } =
        [.. new[] { Drawing.Of(40, 30), Drawing.Of(3, 17) }.SelectMany(image => new[] { ImageEncoder.Jpeg(image), ImageEncoder.Png(image), ImageEncoder.WebP(image) })];

    public override IReadOnlyDictionary<string, byte[]> Nasty { get; } = new Dictionary<string, byte[]>
    {
        ["no bytes"] = [],
        ["PNG of 60,000 × 60,000 pixels"] = Png(60_000, 60_000),
        ["PNG of 2³¹ − 1 × 2³¹ − 1 pixels"] = Png(int.MaxValue, int.MaxValue),
        ["PNG of no width"] = Png(0, 1),
        ["JPEG of 60,000 × 60,000 pixels"] = Jpeg(60_000, 60_000),
        ["WebP of 16,383 × 16,383 pixels"] = WebP(16_383, 16_383),
        ["WebP of extended format, 2²⁴ × 2²⁴ pixels"] = [.. "RIFF"u8, 0x1E, 0, 0, 0, .. "WEBPVP8X"u8, 10, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. "VP8L"u8, 0, 0, 0, 0],
        ["PNG of one column of a million rows"] = ImageEncoder.Png(new RgbImage(new byte[3_000_000], 1, 1_000_000)),
        ["heads alone"] = [0xFF, 0xD8, 0xFF],
        ["SVG with a PNG's first bytes"] = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, .. "<svg/>"u8],
    };

    public override bool IsTaken(byte[] file)
    {
        try
        {
            RgbImage image = ImageDecoder.Decode(file);
            Assert.Equal(image.Width * image.Height * 3, image.Pixels.Length);
            Assert.InRange((long)image.Width * image.Height, 1, ImageDecoder.MaxPixels);
            (SquareImage square, _) = s_transform.Apply(image, image, new DrawPlace(1, 0, 0));
            Assert.Equal(3 * 64 * 64, square.Pixels.Length);
            return true;
        }
        catch (BadImageException refusal)
        {
            Assert.NotEmpty(refusal.Message);
            Assert.DoesNotContain(refusal.Message, char.IsControl);
            Assert.InRange(refusal.Message.Length, 5, 1_000);
            return false;
        }
    }

    private static byte[] Png(int width, int height)
    {
        byte[] png = ImageEncoder.Png(new RgbImage(new byte[3], 1, 1));
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32(png.AsSpan(12, 17)));
        return png;
    }

    private static byte[] Jpeg(ushort width, ushort height)
    {
        byte[] jpeg = ImageEncoder.Jpeg(Drawing.Of(16, 16));
        int frame = jpeg.AsSpan().IndexOf<byte>([0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 5), height);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 7), width);
        return jpeg;
    }

    // Lossless: 14 bits of width − 1 and of height − 1 after the signature.
    private static byte[] WebP(int width, int height)
    {
        byte[] webp = ImageEncoder.WebP(Drawing.Of(16, 16));
        int data = webp.AsSpan().IndexOf("VP8L"u8) + 9;
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(webp.AsSpan(data)) & 0xF0000000;
        BinaryPrimitives.WriteUInt32LittleEndian(webp.AsSpan(data), flags | (uint)(width - 1) | ((uint)(height - 1) << 14));
        return webp;
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
        }

        return ~crc;
    }
}
