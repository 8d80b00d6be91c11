using DiffusionDpo.Models.Images;
using DiffusionDpo.Models.Scorers.Preprocessing;
using DiffusionDpo.Shared;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Scorers;

[Trait("Category", "Parity")]
public sealed class PreprocessingParityTests
{
    private const double Normalised = 1e-6;
    private const double FloatResized = 3e-5;

    public static TheoryData<string, string> Cases => All(ScorerGoldens.Images);

    public static TheoryData<string, string> OpaqueCases => All(ScorerGoldens.OpaqueImages);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Transformers_preparation_resizes_to_the_bit_and_normalises(string model, string image)
    {
        Dictionary<string, Tensor> golden = ScorerGoldens.Tensors($"{model}_preprocess.safetensors");
        ClipImagePreprocessing ours = ImageProcessorConfig.Read(Goldens.Path(model, "preprocessor_config.json"), ScorerGoldens.ImageSize(model));
        RgbImage decoded = Decoded(golden, image), expected = ScorerGoldens.Image(golden[$"{image}.resized_hwc_u8"]), resized = ours.Resize(decoded);
        Assert.Equal((expected.Width, expected.Height), (resized.Width, resized.Height));
        Assert.Equal(expected.Pixels, resized.Pixels);
        Close(golden[$"{image}.pixel_values"], ours.Apply(decoded), Normalised);
    }

    [Theory]
    [MemberData(nameof(OpaqueCases))]
    public void OpenAis_preparation_is_theirs(string model, string image)
    {
        Dictionary<string, Tensor> golden = ScorerGoldens.Tensors($"{model}_preprocess.safetensors");
        Close(golden[$"{image}.openai_pixel_values"], new OpenAiPreprocessing(ScorerGoldens.ImageSize(model)).Apply(Decoded(golden, image)), Normalised);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Hps_preparation_is_theirs_with_antialiasing_and_without(string model, string image)
    {
        Dictionary<string, Tensor> golden = ScorerGoldens.Tensors($"{model}_preprocess.safetensors");
        RgbImage decoded = Decoded(golden, image);
        Close(golden[$"{image}.hps_pixel_values"], new HpsPreprocessing(ScorerGoldens.ImageSize(model), antialias: true).Apply(decoded), FloatResized);
        Close(golden[$"{image}.hps_noaa_pixel_values"], new HpsPreprocessing(ScorerGoldens.ImageSize(model), antialias: false).Apply(decoded), FloatResized);
    }

    private static RgbImage Decoded(Dictionary<string, Tensor> golden, string image) => ScorerGoldens.Image(golden[$"{image}.decoded_rgb_hwc_u8"]);

    private static void Close(Tensor expected, float[] actual, double tolerance) => Assert.InRange(Goldens.MaxAbs(tensor(actual, expected.shape), expected), 0, tolerance);

    private static TheoryData<string, string> All(IReadOnlyList<string> images)
    {
        TheoryData<string, string> cases = [];
        foreach (string model in ScorerGoldens.Models)
            foreach (string image in images) cases.Add(model, image);
        return cases;
    }
}
