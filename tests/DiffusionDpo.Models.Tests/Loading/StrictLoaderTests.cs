using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Loading;

public sealed class StrictLoaderTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Dictionary<string, Tensor> stored;

    public StrictLoaderTests()
    {
        using var shapes = new SampleNetwork(META);
        stored = shapes.named_parameters().ToDictionary(each => each.name, each => empty(each.parameter.shape));
        foreach ((Tensor tensor, int i) in stored.Values.Select((tensor, i) => (tensor, i)))
            tensor.copy_(arange(tensor.numel(), ScalarType.Float32).view(tensor.shape) + (i / 8.0));
    }

    private string FilePath => Path.Combine(directory.FullName, "model.safetensors");

    public void Dispose()
    {
        scope.Dispose();
        directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(LoadMode.Copy, ScalarType.Float32, true)]
    [InlineData(LoadMode.Copy, ScalarType.Float32, false)]
    [InlineData(LoadMode.Copy, ScalarType.Float16, true)]
    [InlineData(LoadMode.Map, ScalarType.Float32, true)]
    [InlineData(LoadMode.Map, ScalarType.BFloat16, true)]
    public void Every_parameter_takes_the_stored_value(LoadMode mode, ScalarType storeAs, bool startsOnMeta)
    {
        using var network = new SampleNetwork(startsOnMeta ? META : CPU);
        using (Weights weights = Open(storeAs)) StrictLoader.Load(network, weights, mode);
        foreach ((string name, Parameter parameter) in network.named_parameters())
        {
            Assert.Equal(ScalarType.Float32, parameter.dtype);
            Assert.Equal(mode == LoadMode.Copy, parameter.requires_grad);
            Assert.Equal(0, Goldens.MaxAbs(parameter, stored[name].to(storeAs)));
        }

        Assert.Same(network.conv_in.weight, network.named_parameters().First(each => each.name == "conv_in.weight").parameter);
    }

    [Fact]
    public void Loaded_network_outlives_scope_and_file_and_trains()
    {
        using var network = new SampleNetwork(META);
        using (NewDisposeScope())
        {
            using Weights weights = Open();
            StrictLoader.Load(network, weights);
        }

        File.Delete(FilePath);
        network.conv_in.forward(ones(1, 4, 3, 3)).sum().backward();
        Assert.NotNull(network.conv_in.weight.grad);
    }

    [Fact]
    public void Mapped_parameters_stand_in_the_file_and_copied_ones_do_not()
    {
        using SampleNetwork mapped = new(META), copied = new(META);
        using Weights weights = Open();
        StrictLoader.Load(mapped, weights, LoadMode.Map);
        StrictLoader.Load(copied, weights);
        nint inFile = TorchNative.DataPointer(weights.GetTensor("conv_in.weight"));
        Assert.Equal(inFile, TorchNative.DataPointer(mapped.conv_in.weight));
        Assert.NotEqual(inFile, TorchNative.DataPointer(copied.conv_in.weight));
    }

    [Fact]
    public void Frozen_parameters_stay_frozen()
    {
        using var network = new SampleNetwork(META);
        network.norm.weight.requires_grad = false;
        using Weights weights = Open();
        StrictLoader.Load(network, weights);
        Assert.False(network.norm.weight.requires_grad);
        Assert.True(network.norm.bias!.requires_grad);
    }

    [Fact]
    public void All_differences_are_reported_at_once_and_nothing_is_loaded()
    {
        stored.Remove("blocks.0.bias");
        stored.Remove("norm.weight");
        stored["blocks.2.weight"] = zeros(3, 12);
        stored["norm.bias"] = zeros([8], ScalarType.Int64);
        stored["head.weight"] = zeros(1);
        using var network = new SampleNetwork();
        network.conv_in.weight.requires_grad_(false).fill_(-1);
        using Weights weights = Open();
        string message = Failure.Of(ExitClass.DataError, () => StrictLoader.Load(network, weights));
        Assert.StartsWith($"{FilePath} does not fit SampleNetwork: ", message, StringComparison.Ordinal);
        Assert.Contains("2 missing (norm.weight, blocks.0.bias)", message, StringComparison.Ordinal);
        Assert.Contains("1 unexpected (head.weight)", message, StringComparison.Ordinal);
        Assert.Contains("1 of another shape (blocks.2.weight is [3, 12] in the file, [6, 6] in the model)", message, StringComparison.Ordinal);
        Assert.Contains("1 of another kind (norm.bias is Int64 in the file, floating in the model)", message, StringComparison.Ordinal);
        Assert.True(network.conv_in.weight.eq(-1).all().item<bool>());
    }

    [Fact]
    public void A_long_list_is_cut_and_counted()
    {
        foreach (int i in Enumerable.Range(0, 1000)) stored[$"extra.{i:D4}.{new string('x', 300)}"] = zeros(1);
        using var network = new SampleNetwork(META);
        using Weights weights = Open();
        string message = Failure.Of(ExitClass.DataError, () => StrictLoader.Load(network, weights));
        Assert.Contains("1000 unexpected (extra.0000.", message, StringComparison.Ordinal);
        Assert.Contains("and 960 more", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 1000, 12_000);
    }

    [Fact]
    public void Position_ids_of_old_text_encoders_are_ignored()
    {
        stored["text_model.embeddings.position_ids"] = arange(77).view(1, 77);
        using var network = new SampleNetwork(META);
        using Weights weights = Open();
        StrictLoader.Load(network, weights);
    }

    [Theory]
    [InlineData(LoadMode.Copy)]
    [InlineData(LoadMode.Map)]
    public void Legacy_attention_names_and_their_convolution_shapes_are_accepted(LoadMode mode)
    {
        (string Stored, string Current)[] names = [.. PublishedLegacyNames()];
        Tensor[] values = [.. names.Select((_, i) => full(2, 2, i + 1.0))];
        SafetensorsWriter.WriteFile(FilePath, [.. names.Select((name, i) => ($"{name.Stored}.weight", i % 2 == 0 ? values[i].view(2, 2, 1, 1) : values[i]))]);
        using Branch network = Nested([.. names.Select(name => name.Current)]);
        using Weights weights = Weights.Open(FilePath);
        StrictLoader.Load(network, weights, mode);
        foreach (((_, string current), Tensor expected) in names.Zip(values))
            Assert.Equal(0, Goldens.MaxAbs(network.get_parameter($"{current}.weight")!, expected));
    }

    [Fact]
    public void Convolution_shapes_are_accepted_for_legacy_names_alone()
    {
        stored["blocks.2.weight"] = zeros(6, 6, 1, 1);
        using var network = new SampleNetwork(META);
        using Weights weights = Open();
        Assert.Contains("[6, 6, 1, 1]", Failure.Of(ExitClass.DataError, () => StrictLoader.Load(network, weights)), StringComparison.Ordinal);
    }

    [Fact]
    public void Legacy_and_current_name_together_are_refused()
    {
        const string block = "encoder.mid_block.attentions.0";
        SafetensorsWriter.WriteFile(FilePath, [($"{block}.query.weight", zeros(2, 2)), ($"{block}.to_q.weight", zeros(2, 2))]);
        using Branch network = Nested([$"{block}.to_q"]);
        using Weights weights = Weights.Open(FilePath);
        string message = Failure.Of(ExitClass.DataError, () => StrictLoader.Load(network, weights));
        Assert.Contains($"1 stored twice ({block}.to_q.weight)", message, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Stored, string Current)> PublishedLegacyNames()
    {
        using var notes = Goldens.Json("inventory", "published_file_notes.json");
        var legacy = notes.RootElement.GetProperty("vae_mid_attention_legacy_names");
        foreach (string? block in legacy.GetProperty("applies_to").EnumerateArray().Select(each => each.GetString()))
            foreach (var name in legacy.GetProperty("file_name").EnumerateObject())
                yield return ($"{block}.{name.Name}", $"{block}.{name.Value.GetString()}");
    }

    /// <summary>Modules nested by dots, with a 2×2 matrix at each name.</summary>
    private static Branch Nested(IReadOnlyList<string> names)
    {
        var parent = new Branch();
        foreach (var group in names.GroupBy(name => name.Split('.', 2)[0]))
        {
            string[] rest = [.. group.Where(name => name.Contains('.')).Select(name => name.Split('.', 2)[1])];
            parent.register_module(group.Key, rest.Length == 0 ? nn.Linear(2, 2, hasBias: false, device: META) : Nested(rest));
        }

        return parent;
    }

    private Weights Open(ScalarType? storeAs = null)
    {
        SafetensorsWriter.WriteFile(FilePath, [.. stored.Select(each => (each.Key, each.Value))], storeAs: storeAs);
        return Weights.Open(FilePath);
    }

    private sealed class Branch() : nn.Module(nameof(Branch));
}
