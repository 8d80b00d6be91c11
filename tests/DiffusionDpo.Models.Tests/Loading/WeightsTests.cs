using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Loading;

public sealed class WeightsTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly (string Name, Tensor Tensor)[] tensors;

    public WeightsTests() => tensors = [("c", arange(100, ScalarType.Float32)), ("a", ones(10)), ("b", ones(14)), ("d", zeros(1))];

    private string IndexPath => Path.Combine(directory.FullName, "model.safetensors.index.json");

    public void Dispose()
    {
        scope.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public void Small_weights_are_one_file()
    {
        WeightsWriter.Write(directory.FullName, "model", tensors, new WeightsFormat());
        Assert.Equal(["model.safetensors"], FileNames());
        using Weights weights = Weights.Open(Path.Combine(directory.FullName, "model.safetensors"));
        AssertSame(weights);
    }

    [Fact]
    public void Large_weights_are_shards_of_at_most_the_given_size_in_the_given_order()
    {
        WeightsWriter.Write(directory.FullName, "model", tensors, new WeightsFormat { MaxShardBytes = 96 });
        Assert.Equal(
            ["model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors", "model.safetensors.index.json"],
            FileNames());
        using Weights weights = Weights.Open(IndexPath);
        AssertSame(weights);
        Assert.Equal(["c", "a", "b", "d"], weights.Entries.Keys);
    }

    [Fact]
    public void Index_is_the_published_form()
    {
        WeightsWriter.Write(directory.FullName, "model", tensors, new WeightsFormat { MaxShardBytes = 220, StoreAs = ScalarType.Float16 });
        Assert.Equal(
            """
            {
              "metadata": {
                "total_size": 250
              },
              "weight_map": {
                "a": "model-00001-of-00002.safetensors",
                "b": "model-00002-of-00002.safetensors",
                "c": "model-00001-of-00002.safetensors",
                "d": "model-00002-of-00002.safetensors"
              }
            }
            """,
            File.ReadAllText(IndexPath));
    }

    [Theory]
    [InlineData("nonsense", "not a sound index")]
    [InlineData("[]", "not a sound index")]
    [InlineData("{}", "not a sound index")]
    [InlineData("""{"weight_map":[]}""", "not a sound index")]
    [InlineData("""{"weight_map":{"a":1}}""", "not a sound index")]
    [InlineData("""{"weight_map":{"a":null}}""", "null")]
    [InlineData("""{"weight_map":{"a":"x.safetensors","a":"x.safetensors"}}""", "not a sound index")]
    [InlineData("""{"weight_map":{"a":"../x.safetensors"}}""", "'../x.safetensors'")]
    [InlineData("""{"weight_map":{"a":"/x.safetensors"}}""", "'/x.safetensors'")]
    [InlineData("""{"weight_map":{"a":"x.bin"}}""", "'x.bin'")]
    [InlineData("""{"weight_map":{"a":"x\n.safetensors"}}""", "which is not a safetensors file")]
    public void Bad_index_is_refused(string json, string says)
    {
        File.WriteAllText(IndexPath, json);
        Assert.Contains(says, Failure.Of(ExitClass.DataError, () => Weights.Open(IndexPath).Dispose()), StringComparison.Ordinal);
    }

    [Fact]
    public void Absent_shard_is_a_missing_input()
    {
        WeightsWriter.Write(directory.FullName, "model", tensors, new WeightsFormat { MaxShardBytes = 96 });
        File.Delete(Path.Combine(directory.FullName, "model-00002-of-00003.safetensors"));
        Assert.Contains("model-00002-of", Failure.Of(ExitClass.InputMissing, () => Weights.Open(IndexPath).Dispose()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"d\"", "\"e\"", "'d'")]
    [InlineData("\"a\": \"model-00002", "\"a\": \"model-00001", "'a'")]
    [InlineData("\"d\"", "\"more\": \"model-00001-of-00003.safetensors\",\n\"d\"", "lacks 'more'")]
    public void Index_and_shards_that_disagree_are_refused(string from, string to, string says)
    {
        WeightsWriter.Write(directory.FullName, "model", tensors, new WeightsFormat { MaxShardBytes = 96 });
        File.WriteAllText(IndexPath, File.ReadAllText(IndexPath).Replace(from, to, StringComparison.Ordinal));
        Assert.Contains(says, Failure.Of(ExitClass.DataError, () => Weights.Open(IndexPath).Dispose()), StringComparison.Ordinal);
    }

    private IEnumerable<string> FileNames() => directory.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal);

    private void AssertSame(Weights weights)
    {
        Assert.Equal(tensors.Length, weights.Entries.Count);
        foreach ((string name, Tensor expected) in tensors)
            Assert.Equal(TorchNative.Bytes(expected), TorchNative.Bytes(weights.GetTensor(name)));
    }
}
