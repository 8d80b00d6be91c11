using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Layouts;

/// <summary>Conversions of whole models, tiny ones of both families.</summary>
public sealed class ConversionTests : IDisposable
{
    private const string SecondEncoder = "conditioner.embedders.1.model.";

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TinyModels tiny = new();

    public static TheoryData<string> Names => [.. TinyModels.Names];

    public void Dispose()
    {
        scope.Dispose();
        tiny.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_directory_comes_back_from_a_single_file_byte_for_byte(string name)
    {
        string file = tiny.ToFile(name);
        using SingleFileModel model = SingleFileModel.Open(file, TinyModels.Model(name));
        model.WriteDirectory(tiny.In("back"), TinyModels.Model(name), new());
        TinyModels.Same(Goldens.Path(name), tiny.In("back"));
        Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(tiny.ToFile(ModelDirectory.Open(tiny.In("back")), "again.safetensors")));
    }

    [Fact]
    public void Tensors_take_the_forms_that_other_tools_expect()
    {
        using SafetensorsFile file = SafetensorsFile.Open(tiny.ToFile("tiny-sdxl"));
        using Weights encoder = TinyModels.Model("tiny-sdxl").OpenWeights("text_encoder_2"), autoencoder = TinyModels.Model("tiny-sdxl").OpenWeights("vae");
        Tensor stacked = file.GetTensor($"{SecondEncoder}transformer.resblocks.2.attn.in_proj_weight"); // [3·32, 32]
        foreach ((int index, char projection) in "qkv".Index())
            Equal(encoder.GetTensor($"text_model.encoder.layers.2.self_attn.{projection}_proj.weight"), stacked[(32 * index)..(32 * (index + 1))]);
        Equal(encoder.GetTensor("text_projection.weight"), file.GetTensor($"{SecondEncoder}text_projection").t()); // [24, 32]
        Assert.Equal([32, 24], file.Entries[$"{SecondEncoder}text_projection"].Shape);
        Tensor query = file.GetTensor("first_stage_model.decoder.mid.attn_1.q.weight");
        Assert.Equal([32, 32, 1, 1], query.shape);
        Equal(autoencoder.GetTensor("decoder.mid_block.attentions.0.to_q.weight"), query[.., .., 0, 0]);
        Assert.Equal("pt", file.Metadata["format"]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_training_leaves_in_published_files_is_passed_over(string name)
    {
        string file = tiny.Changed(tiny.ToFile(name), tensors =>
        [
            .. tensors,
            ("betas", ones(1000)), ("scale_factor", tensor(1f)), ("model_ema.decay", tensor(1f)), ("model_ema.diffusion_modelout2bias", ones(4)),
            ("denoiser.sigmas", ones(1000)), ("cond_stage_model.transformer.text_model.embeddings.position_ids", arange(77).unsqueeze(0)),
            .. name == "tiny-sdxl" ? [($"{SecondEncoder}logit_scale", tensor(1f))] : Array.Empty<(string, Tensor)>(),
        ]);
        using SingleFileModel model = SingleFileModel.Open(file, TinyModels.Model(name));
        model.WriteDirectory(tiny.In("back"), TinyModels.Model(name), new());
        TinyModels.Same(Goldens.Path(name), tiny.In("back"));
        model.WriteFile(tiny.In("pruned.safetensors"), new());
        Assert.Equal(File.ReadAllBytes(tiny.In($"{name}.safetensors")), File.ReadAllBytes(tiny.In("pruned.safetensors")));
    }

    [Fact]
    public void Other_forms_in_which_programs_write_a_tensor_are_read()
    {
        string file = tiny.Changed(tiny.ToFile("tiny-sdxl"), tensors => tensors.Select(each =>
            each.Name == $"{SecondEncoder}text_projection" ? ($"{each.Name}.weight", each.Tensor.t().contiguous())
            : (each.Name.Replace("0.transformer.text_model.", "0.transformer.", StringComparison.Ordinal), each.Tensor)));
        using SingleFileModel model = SingleFileModel.Open(file, TinyModels.Model("tiny-sdxl"));
        model.WriteDirectory(tiny.In("back"), TinyModels.Model("tiny-sdxl"), new());
        TinyModels.Same(Goldens.Path("tiny-sdxl"), tiny.In("back"));
    }

    [Theory]
    [InlineData("tiny-sd15", ScalarType.BFloat16, null, ScalarType.BFloat16)]
    [InlineData("tiny-sd15", ScalarType.Float16, null, ScalarType.Float16)]
    [InlineData("tiny-sdxl", ScalarType.Float16, ScalarType.Float32, ScalarType.Float32)]
    [InlineData("tiny-sdxl", ScalarType.Float16, ScalarType.Float16, ScalarType.Float16)]
    [InlineData("tiny-sdxl", null, ScalarType.BFloat16, ScalarType.BFloat16)]
    public void Precision_is_changed_in_every_conversion_alike(string name, ScalarType? precision, ScalarType? asked, ScalarType autoencoder)
    {
        ConversionSettings settings = new() { Precision = precision, AutoencoderPrecision = asked };
        string file = tiny.ToFile(name, settings);
        using (SafetensorsFile stored = SafetensorsFile.Open(file))
            Assert.All(stored.Entries.Values, entry => Assert.Equal(entry.Name.StartsWith("first_stage", StringComparison.Ordinal) ? autoencoder : precision ?? ScalarType.Float32, entry.Type));

        using (DirectoryConversion directory = DirectoryConversion.Open(TinyModels.Model(name))) directory.WriteDirectory(tiny.In("directly"), settings);
        using (SingleFileModel again = SingleFileModel.Open(file, TinyModels.Model(name))) again.WriteDirectory(tiny.In("by-way-of-a-file"), TinyModels.Model(name), new());
        TinyModels.Same(tiny.In("directly"), tiny.In("by-way-of-a-file"));
        using SingleFileModel wide = SingleFileModel.Open(tiny.ToFile(ModelDirectory.Open(Goldens.Path(name)), "wide.safetensors"), TinyModels.Model(name));
        wide.WriteFile(tiny.In("narrow.safetensors"), settings);
        Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(tiny.In("narrow.safetensors")));
    }

    [Fact]
    public void An_autoencoder_that_overflows_in_half_precision_is_refused_with_reason_and_remedy()
    {
        ConversionSettings half = new() { Precision = ScalarType.Float16 };
        string message = Failure.Of(ExitClass.UserError, () => tiny.ToFile("tiny-sdxl", half));
        Assert.Contains("the autoencoder of this family overflows in fp16", message, StringComparison.Ordinal);
        Assert.Contains("--vae-precision fp32", message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(tiny.In()));

        ModelDirectory repaired = tiny.Copy("tiny-sdxl");
        string config = repaired.FilePath("vae", "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"force_upcast\": true", "\"force_upcast\": false", StringComparison.Ordinal));
        using SafetensorsFile file = SafetensorsFile.Open(tiny.ToFile(repaired, "fixed.safetensors", half));
        Assert.All(file.Entries.Values, entry => Assert.Equal(ScalarType.Float16, entry.Type));
    }

    [Fact]
    public void Names_of_old_autoencoder_files_are_renewed()
    {
        ModelDirectory old = tiny.Copy("tiny-sd15");
        string path = WeightsPath.Find(old.ComponentPath("vae"));
        using (SafetensorsFile weights = SafetensorsFile.Open(path))
        {
            (string, Tensor)[] renamed = [.. weights.Entries.Keys.Select(name => (Old(name), weights.GetTensor(name).clone()))];
            SafetensorsWriter.WriteFile(path, renamed);
        }

        Assert.Equal(File.ReadAllBytes(tiny.ToFile("tiny-sd15")), File.ReadAllBytes(tiny.ToFile(old, "old.safetensors")));

        static string Old(string name) => name.Contains("mid_block.attentions", StringComparison.Ordinal)
            ? name.Replace("to_q", "query", StringComparison.Ordinal).Replace("to_k", "key", StringComparison.Ordinal)
                .Replace("to_v", "value", StringComparison.Ordinal).Replace("to_out.0", "proj_attn", StringComparison.Ordinal)
            : name;
    }

    [Fact]
    public void Progress_and_amount_are_told()
    {
        List<(long Done, long Total)> told = [];
        WriteMeter meter = new((done, total) => told.Add((done, total)));
        string file = tiny.ToFile("tiny-sdxl", new() { Meter = meter });
        using Weights written = Weights.Open(file);
        Assert.Equal(written.Entries.Count, meter.Tensors);
        Assert.Equal(written.Entries.Values.Sum(entry => entry.Length), meter.Bytes);
        Assert.Equal(meter.Tensors, told.Count);
        Assert.Equal(0, told[0].Done);
        Assert.All(told, each => Assert.Equal(meter.Bytes, each.Total));
        Assert.Equal(told.Select(each => each.Done).Order(), told.Select(each => each.Done));
    }

    [Fact]
    public void Parts_of_different_families_in_a_directory_are_refused()
    {
        ModelDirectory mixed = tiny.Copy("tiny-sdxl");
        foreach (string file in Directory.GetFiles(mixed.ComponentPath("text_encoder"))) File.Copy(Path.Combine(Goldens.Path("tiny-sd15"), "text_encoder", Path.GetFileName(file)), file, overwrite: true);
        string message = Failure.Of(ExitClass.ConfigurationError, () => tiny.ToFile(mixed, "mixed.safetensors"));
        Assert.Contains("mixes parts of different families: the UNet takes text states of 48 numbers", message, StringComparison.Ordinal);
        Assert.False(File.Exists(tiny.In("mixed.safetensors")));
    }

    [Fact]
    public void Weights_that_do_not_fit_their_configuration_are_refused()
    {
        ModelDirectory other = tiny.Copy("tiny-sdxl");
        File.Copy(WeightsPath.Find(Goldens.Path("tiny-sd15", "unet")), WeightsPath.Find(other.ComponentPath("unet")), overwrite: true);
        string message = Failure.Of(ExitClass.DataError, () => tiny.ToFile(other, "other.safetensors"));
        Assert.Contains("does not fit unet", message, StringComparison.Ordinal);
        Assert.Contains("missing (", message, StringComparison.Ordinal);
        Assert.False(File.Exists(tiny.In("other.safetensors")));
    }

    private static void Equal(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(0, Goldens.MaxAbs(actual, expected));
    }
}
