using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Safetensors;

public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<ScalarType> Types =>
    [
        ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64,
        ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
    ];

    private string FilePath => Path.Combine(directory.FullName, "written.safetensors");

    public void Dispose()
    {
        scope.Dispose();
        directory.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_and_rank_comes_back_as_it_was(ScalarType type)
    {
        (string, Tensor)[] tensors =
        [
            ("matrix", arange(12, ScalarType.Float32).view(3, 4).to(type)), ("scalar", tensor(3).to(type)),
            ("empty", zeros([0, 3], type)), ("strided", arange(12, ScalarType.Float32).view(3, 4).to(type).t()), ("one byte", zeros(1, ScalarType.Bool)),
        ];
        SafetensorsWriter.WriteFile(FilePath, tensors, new Dictionary<string, string> { ["ключ"] = "\"значение\"\n" });
        using SafetensorsFile file = SafetensorsFile.Open(FilePath);
        Assert.Equal("\"значение\"\n", file.Metadata["ключ"]);
        foreach ((string name, Tensor expected) in tensors)
        {
            Tensor actual = file.GetTensor(name);
            Assert.Equal(expected.dtype, actual.dtype);
            Assert.Equal(expected.shape, actual.shape);
            Assert.Equal(TorchNative.Bytes(expected.contiguous()), TorchNative.Bytes(actual));
        }
    }

    [Fact]
    public void Header_fills_eight_bytes_and_larger_types_come_first()
    {
        var written = new MemoryStream();
        SafetensorsWriter.Write(written, [("a", zeros(1, ScalarType.Bool)), ("b", zeros(1, ScalarType.Float16)), ("c", zeros(1, ScalarType.Float64))]);
        byte[] bytes = written.ToArray();
        Assert.Equal(0, BitConverter.ToInt64(bytes) % 8);
        string header = Encoding.UTF8.GetString(bytes, 8, (int)BitConverter.ToInt64(bytes));
        Assert.StartsWith(
            """{"c":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F16","shape":[1],"data_offsets":[8,10]},"a":{""",
            header, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensor_at_an_odd_offset_is_read_as_a_copy()
    {
        byte[] json = Encoding.UTF8.GetBytes("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}""");
        File.WriteAllBytes(FilePath, [.. BitConverter.GetBytes((long)json.Length), .. json, 5, .. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)]);
        using SafetensorsFile file = SafetensorsFile.Open(FilePath);
        Tensor odd = file.GetTensor("b");
        Assert.Equal([1.5f, -2f], odd.data<float>().ToArray());
        Assert.Equal(0, TorchNative.DataPointer(odd) % 4);
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Floating_tensors_are_stored_in_another_type_and_others_are_not(ScalarType type)
    {
        SafetensorsWriter.WriteFile(FilePath, [("weight", tensor(new[] { 0.1f, 3 })), ("ids", tensor(new[] { 1L, 2 }))], storeAs: type);
        using SafetensorsFile file = SafetensorsFile.Open(FilePath);
        Assert.Equal(type, file.Entries["weight"].Type);
        Assert.Equal(ScalarType.Int64, file.Entries["ids"].Type);
        Assert.Equal(0.1, file.GetTensor("weight").to(ScalarType.Float32)[0].item<float>(), 1e-3);
    }

    [Fact]
    public void Value_beyond_the_stored_type_is_refused_and_the_old_file_stands()
    {
        SafetensorsWriter.WriteFile(FilePath, [("weight", zeros(2))]);
        byte[] before = File.ReadAllBytes(FilePath);
        string message = Failure.Of(
            ExitClass.DataError, () => SafetensorsWriter.WriteFile(FilePath, [("weight", tensor(new[] { 1f, 70_000 }))], storeAs: ScalarType.Float16));
        Assert.Contains("'weight'", message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(FilePath));
        _ = Assert.Single(directory.GetFiles());
    }

    [Fact]
    public void Infinity_may_be_stored_in_any_type()
    {
        SafetensorsWriter.WriteFile(FilePath, [("weight", tensor(new[] { float.PositiveInfinity, float.NaN }))], storeAs: ScalarType.Float16);
        using SafetensorsFile file = SafetensorsFile.Open(FilePath);
        Assert.False(file.GetTensor("weight").isfinite().any().item<bool>());
    }

    [Fact]
    public void Names_that_clash_are_refused()
    {
        var nowhere = new MemoryStream();
        _ = Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(nowhere, [("a", zeros(1)), ("a", zeros(1))]));
        _ = Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(nowhere, [("__metadata__", zeros(1))]));
        _ = Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(nowhere, [("complex", zeros(1, ScalarType.ComplexFloat32))]));
    }
}
