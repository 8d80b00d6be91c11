using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Layouts;

/// <summary>What a single file is found to be, by files of the real sizes whose numbers are holes on the disk.</summary>
public sealed class SingleFileDetectionTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TinyModels tiny = new();

    public static TheoryData<string> Families => [.. PublishedFamily.All.Select(each => each.Name)];

    private string FilePath => tiny.In("model.safetensors");

    public void Dispose()
    {
        scope.Dispose();
        tiny.Dispose();
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_file_is_recognised_by_names_and_shapes(string family)
    {
        Write(Tensors(family));
        using SingleFileModel model = SingleFileModel.Open(FilePath);
        Assert.Equal(family, model.Family!.Name);
        using Weights weights = Weights.Open(FilePath);
        Assert.StartsWith($"{model.Family.Title} ({family}): unet, vae, text_encoder", SingleFileModel.Describe(weights), StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_layer_that_Stable_Diffusion_2_does_not_use_is_passed_over()
    {
        Write([.. Tensors("sd21"), ("cond_stage_model.model.transformer.resblocks.23.ln_1.weight", [1024]), ("cond_stage_model.model.text_projection", [1024, 1024]), ("cond_stage_model.model.logit_scale", [])]);
        using SingleFileModel model = SingleFileModel.Open(FilePath);
        Assert.Equal("sd21", model.Family!.Name);
    }

    [Fact]
    public void What_is_missing_is_named_by_its_prefix()
    {
        Write(Tensors("sdxl").Where(each => !each.Name.StartsWith("first_stage_model.", StringComparison.Ordinal) && !each.Name.StartsWith("conditioner.embedders.1.", StringComparison.Ordinal)));
        Assert.Contains(
            "is no whole Stable Diffusion XL model: it has no first_stage_model.* (vae) and no conditioner.embedders.1.model.* (text_encoder_2)", Refused(ExitClass.DataError), StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_missing_unexpected_and_odd_tensors_are_named()
    {
        Write(Tensors("sd15").Where(each => each.Name != "model.diffusion_model.out.2.bias").Select(each => each.Name == "model.diffusion_model.out.2.weight" ? (each.Name, [9, 320, 3, 3]) : each)
            .Append(("model.diffusion_model.out.3.weight", [4])));
        string message = Refused(ExitClass.DataError);
        Assert.Contains("1 missing (model.diffusion_model.out.2.bias)", message, StringComparison.Ordinal);
        Assert.Contains("1 unexpected (model.diffusion_model.out.3.weight)", message, StringComparison.Ordinal);
        Assert.Contains("model.diffusion_model.out.2.weight is [9, 320, 3, 3] in the file, [4, 320, 3, 3] in the model", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_of_different_families_are_refused()
    {
        Write([.. Tensors("sdxl").Where(each => !each.Name.StartsWith("conditioner.", StringComparison.Ordinal)), .. Tensors("sd15").Where(each => each.Name.StartsWith("cond_stage_model.", StringComparison.Ordinal))]);
        Assert.Contains("mixes parts of different families: its UNet is that of sdxl, and cond_stage_model.transformer.* (text_encoder) belongs to sd15", Refused(ExitClass.DataError), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_size_asks_for_a_model_like_it()
    {
        Assert.Contains("its UNet has another size than any of sd15, sd21, sdxl, sdxl-refiner; give --like MODEL", Failure.Of(ExitClass.UserError, () => SingleFileModel.Open(tiny.ToFile("tiny-sdxl"))), StringComparison.Ordinal);
        Assert.Contains("does not fit model like", Failure.Of(ExitClass.DataError, () => SingleFileModel.Open(tiny.ToFile("tiny-sdxl"), Unprefixed())), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_predicts_velocity_where_the_published_does_not_is_refused()
    {
        Write([.. Tensors("sdxl"), ("v_pred", [])]);
        Assert.Contains("is marked as predicting velocity (v_pred)", Refused(ExitClass.UserError), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("edm_mean")]
    [InlineData("edm_vpred.sigma_max")]
    [InlineData("ztsnr")]
    public void A_model_that_was_trained_on_another_noise_is_refused(string mark)
    {
        Write([.. Tensors("sdxl"), (mark, [1])]);
        Assert.Contains($"is marked as trained on noise of another schedule ({mark}: zero terminal SNR or EDM), which is not supported", Refused(ExitClass.UserError), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_says_that_its_model_predicts_velocity()
    {
        ModelDirectory velocity = tiny.Copy("tiny-sdxl"), plain = TinyModels.Model("tiny-sdxl");
        string scheduler = tiny.In("copy", "scheduler", "scheduler_config.json");
        File.WriteAllText(scheduler, File.ReadAllText(scheduler).Replace("\"epsilon\"", "\"v_prediction\"", StringComparison.Ordinal));
        string file = tiny.ToFile(velocity, "velocity.safetensors");
        using SingleFileModel model = SingleFileModel.Open(file, velocity);
        model.WriteFile(tiny.In("again.safetensors"), new() { Precision = ScalarType.BFloat16 });
        Assert.All([file, tiny.In("again.safetensors")], each => Assert.Equal([0L], Marks(each)));
        model.WriteDirectory(tiny.In("out"), velocity, new());
        Assert.Contains("does not say v_prediction; give --like MODEL", Failure.Of(ExitClass.UserError, () => model.WriteDirectory(tiny.In("none"), plain, new())), StringComparison.Ordinal);
        Assert.Null(Marks(tiny.ToFile("tiny-sdxl")));
        Assert.Null(Marks(tiny.ToFile("tiny-sd15")));

        static IReadOnlyList<long>? Marks(string path)
        {
            using Weights weights = Weights.Open(path);
            return weights.Entries.GetValueOrDefault("v_pred")?.Shape;
        }
    }

    [Fact]
    public void A_file_of_one_network_is_no_model()
    {
        string unet = WeightsPath.Find(Goldens.Path("tiny-sd15", "unet"));
        Assert.Contains("no name in it begins with model.diffusion_model.", Failure.Of(ExitClass.DataError, () => SingleFileModel.Open(unet)), StringComparison.Ordinal);
        using Weights weights = Weights.Open(unet);
        Assert.Null(SingleFileModel.Describe(weights));
    }

    [Fact]
    public void A_truncated_file_is_refused()
    {
        string file = tiny.ToFile("tiny-sd15");
        using (FileStream stream = File.OpenWrite(file)) stream.SetLength(stream.Length - 1);
        Assert.Contains("truncated", Failure.Of(ExitClass.DataError, () => SingleFileModel.Open(file, TinyModels.Model("tiny-sd15"))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_published_family_is_written_with_its_configurations_and_tokenizers()
    {
        // The tiny networks' tokenizer has another vocabulary than CLIP's: it is refused before anything is written.
        Write(Tensors("sdxl"));
        using SingleFileModel model = SingleFileModel.Open(FilePath);
        string message = Failure.Of(ExitClass.ConfigurationError, () => model.WriteDirectory(tiny.In("out"), Goldens.Path("tiny-sdxl"), new()));
        Assert.Contains("has 774 tokens, and Stable Diffusion XL has 49408", message, StringComparison.Ordinal);
        Assert.Contains("has no vocab.json", Failure.Of(ExitClass.InputMissing, () => model.WriteDirectory(tiny.In("out"), tiny.In(), new())), StringComparison.Ordinal);
        Assert.False(Directory.Exists(tiny.In("out")));
    }

    private ModelDirectory Unprefixed()
    {
        ModelDirectory like = tiny.Copy("tiny-sdxl");
        string config = like.FilePath("unet", "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"in_channels\": 4", "\"in_channels\": 9", StringComparison.Ordinal));
        return like;
    }

    private string Refused(ExitClass exitClass) => Failure.Of(exitClass, () => SingleFileModel.Open(FilePath));

    private static IEnumerable<(string Name, long[] Shape)> Tensors(string family) => PublishedFamily.All.Single(each => each.Name == family).Layout.Networks
        .SelectMany(network => network.Tensors.Select(tensor => (network.Prefix + tensor.Name, (long[])[.. tensor.Shape])));

    private void Write(IEnumerable<(string Name, long[] Shape)> tensors) => SparseFile.Write(FilePath, tensors);
}
