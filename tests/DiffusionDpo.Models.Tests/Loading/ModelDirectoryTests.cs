using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Loading;

public sealed class ModelDirectoryTests : IDisposable
{
    private const string Stem = "diffusion_pytorch_model";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();
    private readonly DisposeScope scope = NewDisposeScope();

    private string Model => Path.Combine(directory.FullName, "model");

    private string UNet => Path.Combine(Model, "unet");

    public void Dispose()
    {
        scope.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public void Goldens_are_read_component_by_component()
    {
        foreach (string index in Goldens.Files(ModelDirectory.IndexName))
        {
            ModelDirectory model = ModelDirectory.Open(Path.GetDirectoryName(Goldens.Path(index))!);
            Assert.StartsWith("StableDiffusion", model.PipelineClass, StringComparison.Ordinal);
            Assert.Contains("unet", model.Components);
            Assert.DoesNotContain("safety_checker", model.Components);
            foreach (string component in model.Components.Where(each => File.Exists(Path.Combine(model.ComponentPath(each), "config.json"))))
            {
                using Weights weights = model.OpenWeights(component);
                Assert.NotEmpty(weights.Entries);
                Assert.True(File.Exists(model.FilePath(component, "config.json")));
            }
        }
    }

    [Fact]
    public void Model_with_another_unet_is_the_base_in_all_else()
    {
        foreach (string index in Goldens.Files(ModelDirectory.IndexName))
        {
            ModelDirectory model = ModelDirectory.Open(Path.GetDirectoryName(Goldens.Path(index))!);
            using Weights unet = model.OpenWeights("unet");
            string target = Path.Combine(directory.FullName, "out", model.PipelineClass);
            model.WriteWith(target, "unet", [.. unet.Entries.Keys.Select(name => (name, unet.GetTensor(name)))], new WeightsFormat());
            string[] files = [.. Directory.GetFiles(model.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(model.Path, file))];
            Assert.Equal(
                files.Order(StringComparer.Ordinal),
                Directory.GetFiles(target, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(target, file)).Order(StringComparer.Ordinal));
            Assert.All(files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(model.Path, file)), File.ReadAllBytes(Path.Combine(target, file))));
        }
    }

    [Fact]
    public void Other_formats_and_shards_of_the_replaced_component_are_left_behind()
    {
        WriteModel(At("unet", $"{Stem}.bin"), At("unet", $"{Stem}.fp16.safetensors"), At("vae", $"{Stem}.bin"), At("vae", $"{Stem}.safetensors"),
            At("text_encoder", "pytorch_model.bin"), At("", "LICENSE.md"), At("", "v1-5-pruned.ckpt"), At("unrelated", "notes.txt"));
        WeightsWriter.Write(UNet, Stem, [("a", zeros(4)), ("b", zeros(4))], new WeightsFormat { MaxShardBytes = 16 });
        string target = Path.Combine(directory.FullName, "out");
        ModelDirectory.Open(Model).WriteWith(target, "unet", [("a", ones(4))], new WeightsFormat { StoreAs = ScalarType.Float16 });
        Assert.Equal(
            [
                "LICENSE.md", "model_index.json", "text_encoder/pytorch_model.bin", "unet/config.json", $"unet/{Stem}.safetensors", $"vae/{Stem}.safetensors",
            ],
            Directory.GetFiles(target, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(target, file)).Order(StringComparer.Ordinal));
        using Weights unet = ModelDirectory.Open(target).OpenWeights("unet");
        Assert.Equal(ScalarType.Float16, Assert.Single(unet.Entries).Value.Type);
    }

    [Fact]
    public void Failed_writing_leaves_no_directory()
    {
        WriteModel(At("unet", $"{Stem}.safetensors"));
        string target = Path.Combine(directory.FullName, "out");
        _ = Failure.Of(ExitClass.DataError, () => ModelDirectory.Open(Model).WriteWith(
            target, "unet", [("a", tensor(new[] { 1e9f }))], new WeightsFormat { StoreAs = ScalarType.Float16 }));
        Assert.Equal(["model"], directory.GetFileSystemInfos().Select(each => each.Name));
    }

    [Theory]
    [InlineData($"{Stem}.fp16.safetensors", $"{Stem}.safetensors", $"{Stem}.safetensors")]
    [InlineData($"{Stem}.fp16.safetensors", "other.safetensors", $"{Stem}.fp16.safetensors")]
    [InlineData("model.safetensors", "model.fp16.safetensors", "model.safetensors")]
    public void Full_precision_is_preferred_to_fp16(string one, string two, string chosen)
    {
        WriteModel(At("unet", one), At("unet", two));
        using Weights weights = ModelDirectory.Open(Model).OpenWeights("unet");
        Assert.Equal(Path.Combine(UNet, chosen), weights.Path);
    }

    [Fact]
    public void What_is_absent_is_named()
    {
        string nowhere = Path.Combine(directory.FullName, "nowhere");
        Assert.Contains(nowhere, Failure.Of(ExitClass.InputMissing, () => ModelDirectory.Open(nowhere)), StringComparison.Ordinal);
        Directory.CreateDirectory(Model);
        Assert.Contains("model_index.json", Failure.Of(ExitClass.InputMissing, () => ModelDirectory.Open(Model)), StringComparison.Ordinal);
        WriteModel(At("unet", "other.safetensors"));
        ModelDirectory model = ModelDirectory.Open(Model);
        Assert.Contains("no directory vae", Failure.Of(ExitClass.InputMissing, () => model.ComponentPath("vae")), StringComparison.Ordinal);
        Assert.Contains("scheduler_config.json", Failure.Of(ExitClass.InputMissing, () => model.FilePath("unet", "scheduler_config.json")), StringComparison.Ordinal);
        string message = Failure.Of(ExitClass.InputMissing, () => model.OpenWeights("unet").Dispose());
        Assert.Contains($"{Stem}.safetensors, ", message, StringComparison.Ordinal);
        Assert.Contains("model.safetensors", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pickled_weights_are_refused_with_a_remedy()
    {
        WriteModel(At("unet", $"{Stem}.bin"));
        string message = Failure.Of(ExitClass.InputMissing, () => ModelDirectory.Open(Model).OpenWeights("unet").Dispose());
        Assert.Contains("safetensors is required", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("""{"../unet":["diffusers","X"]}""")]
    [InlineData("""{"/etc":["diffusers","X"]}""")]
    [InlineData("""{"..":["diffusers","X"]}""")]
    [InlineData("""{"a":1,"a":2}""")]
    public void Bad_index_is_refused(string json)
    {
        Directory.CreateDirectory(Model);
        File.WriteAllText(Path.Combine(Model, ModelDirectory.IndexName), json);
        Assert.Contains("model_index.json", Failure.Of(ExitClass.DataError, () => ModelDirectory.Open(Model)), StringComparison.Ordinal);
    }

    private static (string Component, string Name) At(string component, string name) => (component, name);

    private void WriteModel(params (string Component, string Name)[] files)
    {
        foreach ((string component, string name) in files.Append(At("unet", "config.json")))
        {
            string path = Path.Combine(Directory.CreateDirectory(Path.Combine(Model, component)).FullName, name);
            if (name.EndsWith(".safetensors", StringComparison.Ordinal)) SafetensorsWriter.WriteFile(path, [("a", zeros(2))]);
            else File.WriteAllText(path, "{}");
        }

        var components = files.Select(file => file.Component).Where(each => each is not "" and not "unrelated").Distinct();
        string index = string.Join(", ", components.Select(each => $"\"{each}\": [\"diffusers\", \"X\"]"));
        File.WriteAllText(Path.Combine(Model, ModelDirectory.IndexName), $"{{\"_class_name\": \"X\", \"left_out\": [null, null], {index}}}");
    }
}
