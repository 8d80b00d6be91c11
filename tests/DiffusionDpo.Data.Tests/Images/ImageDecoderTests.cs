using CsCheck;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Models.Images;
using Xunit;
using Vips = NetVips.Image;

namespace DiffusionDpo.Data.Tests.Images;

public sealed class ImageDecoderTests
{
    [Fact]
    public void Lossless_formats_round_trip()
    {
        var image = Drawing.Of(37, 21);
        Same(image, ImageDecoder.Decode(ImageEncoder.Png(image)));
        Same(image, ImageDecoder.Decode(ImageEncoder.WebP(image)));
    }

    [Fact]
    public void Jpeg_round_trips_nearly()
    {
        var image = Drawing.Of(64, 48);
        var decoded = ImageDecoder.Decode(ImageEncoder.Jpeg(image, quality: 95));
        Assert.True(image.Pixels.Zip(decoded.Pixels, (a, b) => Math.Abs(a - b)).Average() < 4);
    }

    [Fact]
    public void Grey_is_repeated() => Assert.Equal(
        [7, 7, 7, 200, 200, 200], ImageDecoder.Decode(Png([7, 200], bands: 1)).Pixels);

    [Fact]
    public void Alpha_is_dropped_and_not_blended()
    {
        Assert.Equal([10, 20, 30, 40, 50, 60], ImageDecoder.Decode(Png([10, 20, 30, 0, 40, 50, 60, 128], bands: 4)).Pixels);
        Assert.Equal([10, 10, 10, 40, 40, 40], ImageDecoder.Decode(Png([10, 0, 40, 128], bands: 2)).Pixels);
    }

    [Fact]
    public void Sixteen_bits_lose_the_low_eight()
    {
        using var image = Vips.NewFromMemoryCopy(new ushort[] { 0x12FF, 0xAB00, 0xFFFF }, 1, 1, 3, NetVips.Enums.BandFormat.Ushort)
            .Copy(interpretation: NetVips.Enums.Interpretation.Rgb16);
        Assert.Equal([0x12, 0xAB, 0xFF], ImageDecoder.Decode(image.PngsaveBuffer(bitdepth: 16)).Pixels);
    }

    [Fact]
    public void Cmyk_is_converted()
    {
        using var red = (Vips.Black(16, 16, bands: 4) + new double[] { 0, 255, 255, 0 }).Cast(NetVips.Enums.BandFormat.Uchar)
            .Copy(interpretation: NetVips.Enums.Interpretation.Cmyk);
        var decoded = ImageDecoder.Decode(red.JpegsaveBuffer(q: 95));
        Assert.Equal(16 * 16 * 3, decoded.Pixels.Length);
        Assert.True(decoded.Pixels[0] > 180 && decoded.Pixels[1] < 100 && decoded.Pixels[2] < 100, $"{decoded.Pixels[0]} {decoded.Pixels[1]} {decoded.Pixels[2]}");
    }

    [Theory]
    [InlineData("", "no bytes")]
    [InlineData("not an image", "neither JPEG nor PNG nor WebP")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>", "neither JPEG nor PNG nor WebP")]
    public void Other_bytes_are_refused_with_a_reason(string bytes, string reason) => Assert.Equal(
        reason, Assert.Throws<BadImageException>(() => ImageDecoder.Decode(System.Text.Encoding.ASCII.GetBytes(bytes))).Message);

    [Fact]
    public void Truncated_files_are_refused()
    {
        var image = Drawing.Of(64, 48);
        foreach (var file in new[] { ImageEncoder.Jpeg(image), ImageEncoder.Png(image), ImageEncoder.WebP(image) })
        {
            foreach (var share in new[] { 0.1, 0.5, 0.9 })
            {
                var message = Assert.Throws<BadImageException>(() => ImageDecoder.Decode(file[..(int)(file.Length * share)])).Message;
                Assert.DoesNotContain('\n', message);
            }
        }
    }

    [Fact]
    public void Too_many_pixels_are_refused_before_decoding()
    {
        var png = ImageEncoder.Png(new RgbImage(new byte[3], 1, 1));
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 20_000); // IHDR width and height
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 20_000);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32(png.AsSpan(12, 17)));
        Assert.Contains("100 million pixels", Assert.Throws<BadImageException>(() => ImageDecoder.Decode(png)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 16_383)]
    [InlineData(16_383, 1)]
    [InlineData(2, 1_000_000)]
    public void An_image_too_narrow_to_be_enlarged_is_refused(int width, int height)
    {
        RgbImage image = new(new byte[3 * width * height], width, height);
        Assert.Contains("too long and narrow", Assert.Throws<BadImageException>(() => SquareTransform.ResizeShorterSide(image, 512)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Flipped_bits_give_an_image_or_a_reason()
    {
        var image = Drawing.Of(40, 30);
        byte[][] files = [ImageEncoder.Jpeg(image), ImageEncoder.Png(image), ImageEncoder.WebP(image)];
        (from file in Gen.Int[0, 2] from place in Gen.Double[0, 1] from bit in Gen.Int[0, 7] select (file, place, bit)).Sample(
            pick =>
            {
                var bytes = (byte[])files[pick.file].Clone();
                bytes[(int)(pick.place * (bytes.Length - 1))] ^= (byte)(1 << pick.bit);
                try
                {
                    var decoded = ImageDecoder.Decode(bytes);
                    Assert.Equal(decoded.Width * decoded.Height * 3, decoded.Pixels.Length);
                }
                catch (BadImageException exception)
                {
                    Assert.NotEmpty(exception.Message);
                }
            },
            iter: 2000,
            threads: 1);
    }

    private static void Same(RgbImage expected, RgbImage actual)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Assert.Equal(expected.Pixels, actual.Pixels);
    }

    private static byte[] Png(byte[] samples, int bands)
    {
        using var image = Vips.NewFromMemoryCopy(samples, samples.Length / bands, 1, bands, NetVips.Enums.BandFormat.Uchar)
            .Copy(interpretation: bands < 3 ? NetVips.Enums.Interpretation.Bw : NetVips.Enums.Interpretation.Srgb);
        return image.PngsaveBuffer();
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
        }

        return ~crc;
    }
}
