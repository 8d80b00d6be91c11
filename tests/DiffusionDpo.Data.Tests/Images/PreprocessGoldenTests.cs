using System.Text.Json;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Data.Tests.Images;

[Trait("Category", "Parity")]
public sealed class PreprocessGoldenTests
{
    public static TheoryData<string> Names
    {
        get
        {
            using var cases = Goldens.Json("preprocess", "preprocess.json");
            return [.. cases.RootElement.EnumerateObject().Select(property => property.Name)];
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Decoding_agrees_with_the_reference(string name)
    {
        var (expected, actual) = (Image(name, "decoded_rgb_hwc_u8"), ImageDecoder.Decode(File.ReadAllBytes(Goldens.Path("preprocess", name))));
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        var differences = expected.Pixels.Zip(actual.Pixels, (e, a) => Math.Abs(e - a)).ToArray();
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: max {differences.Max()}, differing {differences.Count(d => d > 0)} of {differences.Length}");

        // JPEG leaves the inverse transform's rounding to the decoder; the others are exact.
        Assert.InRange(differences.Max(), 0, name.EndsWith(".jpg", StringComparison.Ordinal) ? 1 : 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Resizing_is_exact(string name)
    {
        var (expected, resized) = (Image(name, "resized_hwc_u8"), Resized(name));
        Assert.Equal((expected.Width, expected.Height), (resized.Width, resized.Height));
        Assert.Equal(expected.Pixels, resized.Pixels);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Middle_crop_and_its_mirror_agree_with_the_reference(string name)
    {
        var (resized, side) = (Resized(name), Resolution(name));
        var (top, left) = (SquareTransform.CenterOffset(resized.Height, side), SquareTransform.CenterOffset(resized.Width, side));
        Assert.Equal(Offsets(name, "center_top_left"), (top, left));
        AssertSame(name, "pixel_values_center", SquareTransform.ToPixelValues(resized, new Square(top, left, side, Mirrored: false)));
        AssertSame(name, "pixel_values_center_hflip", SquareTransform.ToPixelValues(resized, new Square(top, left, side, Mirrored: true)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_given_crop_agrees_with_the_reference(string name)
    {
        var (top, left) = Offsets(name, "crop_top_left");
        AssertSame(name, "pixel_values_crop", SquareTransform.ToPixelValues(Resized(name), new Square(top, left, Resolution(name), Mirrored: false)));
    }

    private static RgbImage Resized(string name) => SquareTransform.ResizeShorterSide(Image(name, "decoded_rgb_hwc_u8"), Resolution(name));

    private static void AssertSame(string name, string key, float[] actual)
    {
        using var file = Golden(name);
        var expected = file.GetTensor(key).data<float>().ToArray();
        Assert.Equal(expected.Length, actual.Length);
        Assert.Equal(0, expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max(), 1e-6);
    }

    private static RgbImage Image(string name, string key)
    {
        using var file = Golden(name);
        var tensor = file.GetTensor(key);
        return new RgbImage(tensor.data<byte>().ToArray(), (int)tensor.shape[1], (int)tensor.shape[0]);
    }

    private static Models.Safetensors.SafetensorsFile Golden(string name) =>
        Goldens.Open("preprocess", System.IO.Path.ChangeExtension(name, ".safetensors"));

    private static int Resolution(string name) => Case(name, facts => facts.GetProperty("resolution").GetInt32());

    private static (int Top, int Left) Offsets(string name, string key) =>
        Case(name, facts => (facts.GetProperty(key)[0].GetInt32(), facts.GetProperty(key)[1].GetInt32()));

    private static T Case<T>(string name, Func<JsonElement, T> read)
    {
        using var cases = Goldens.Json("preprocess", "preprocess.json");
        return read(cases.RootElement.GetProperty(name));
    }
}
