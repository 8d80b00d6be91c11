using System.Buffers.Binary;
using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Models.Tests.Safetensors;

public sealed class HostileFileTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();

    /// <summary>Header, bytes of data, what the message must say.</summary>
    public static TheoryData<string, int, string> BadHeaders => new()
    {
        { "", 0, "not valid JSON" },
        { "[]", 0, "no StartObject" },
        { "null", 0, "no StartObject" },
        { "{", 0, "not valid JSON" },
        { "{} x", 0, "not valid JSON" },
        { "{}{}", 0, "not valid JSON" },
        { "{/* a comment */}", 0, "not valid JSON" },
        { """{"a":1}""", 0, "'a'" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},}""", 4, "not valid JSON" },
        { """{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "not valid JSON" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "'a' occurs twice" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'a' occurs twice" },
        { """{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "'dtype' occurs twice" },
        { """{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}""", 4, "'shape' occurs twice" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"data_offsets":[0,4]}}""", 4, "'data_offsets' occurs twice" },
        { """{"__metadata__":{"k":"1","k":"2"}}""", 0, "'k' occurs twice" },
        { """{"__metadata__":{},"__metadata__":{}}""", 0, "'__metadata__' occurs twice" },
        { """{"__metadata__":{"k":1}}""", 0, "__metadata__" },
        { """{"__metadata__":[]}""", 0, "__metadata__" },
        { """{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "lacks" },
        { """{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "lacks" },
        { """{"a":{"dtype":"F32","shape":[1]}}""", 4, "lacks" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "lacks" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, "more than 2" },
        { """{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", 4, "'F8_E4M3'; supported are" },
        { """{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}""", 4, "'f32'; supported are" },
        { """{"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}""", 4, "'a'" },
        { """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole number" },
        { """{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", 4, "whole number" },
        { """{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", 4, "whole number" },
        { """{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}""", 4, "whole number" },
        { """{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}""", 4, "whole number" },
        { """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "which is not" },
        { """{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}""", 0, "which is not" },
        { """{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}""", 4, "which is not" },
        { """{"a":{"dtype":"F32","shape":[0,4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}""", 0, "which is not" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "4 bytes, which is not [2] of F32" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "before it starts" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "whole number" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "overlap or have a hole" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "overlap or have a hole" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "overlap or have a hole" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "overlap or have a hole" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]}}""", 4, "overlap or have a hole" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "truncated" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "belong to nothing" },
        { "{}", 1, "belong to nothing" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":{"a":{"b":{"c":{}}}}}}""", 4, "not valid JSON" },
    };

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void Bad_header_is_refused_by_name_of_file_and_fault(string json, int dataBytes, string says)
    {
        string path = Write(Encoding.UTF8.GetBytes(json), dataBytes);
        string message = Failure.Of(ExitClass.DataError, () => SafetensorsFile.Open(path).Dispose());
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(says, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100_000_001UL, "at most 100000000")]
    [InlineData(ulong.MaxValue, "at most 100000000")]
    [InlineData(1UL << 63, "at most 100000000")]
    [InlineData(50UL, "truncated")]
    [InlineData(100_000_000UL, "truncated")]
    public void Absurd_header_length_is_refused(ulong claimed, string says)
    {
        byte[] file = new byte[20];
        BinaryPrimitives.WriteUInt64LittleEndian(file, claimed);
        Assert.Contains(says, Failure.Of(ExitClass.DataError, () => SafetensorsFile.Open(Write(file)).Dispose()), StringComparison.Ordinal);
    }

    [Fact]
    public void Header_that_is_not_utf8_is_refused()
    {
        string path = Write([(byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)':', (byte)'1', (byte)'}'], 0);
        Assert.Contains("UTF-8", Failure.Of(ExitClass.DataError, () => SafetensorsFile.Open(path).Dispose()), StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        string path = Write(Encoding.UTF8.GetBytes(string.Concat("{\"a\":", new string('[', 1_000_000))), 0);
        _ = Failure.Of(ExitClass.DataError, () => SafetensorsFile.Open(path).Dispose());
    }

    [Fact]
    public void Rank_of_a_million_is_refused()
    {
        string ones = string.Join(",", Enumerable.Repeat("1", 1_000_000));
        string path = Write(Encoding.UTF8.GetBytes($$$"""{"a":{"dtype":"U8","shape":[{{{ones}}}],"data_offsets":[0,1]}}"""), 1);
        Assert.Contains("more than 64", Failure.Of(ExitClass.DataError, () => SafetensorsFile.Open(path).Dispose()), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_and_unprintable_names_stay_out_of_the_message()
    {
        string path = Write(Encoding.UTF8.GetBytes($$$"""{"\n\u001b[31m{{{new string('x', 100_000)}}}":{}}"""), 0);
        Assert.InRange(Failure.Of(ExitClass.DataError, () => SafetensorsFile.Open(path).Dispose()).Length, 100, 600);
    }

    [Fact]
    public void File_cut_at_any_byte_is_refused()
    {
        byte[] whole = File.ReadAllBytes(Sample());
        for (int length = 0; length < whole.Length; length++)
        {
            string path = Write(whole[..length]);
            _ = Failure.Of(ExitClass.DataError, () => SafetensorsFile.Open(path).Dispose());
        }
    }

    [Fact]
    public void Unknown_keys_of_an_entry_are_skipped()
    {
        string path = Write(Encoding.UTF8.GetBytes("""{"a":{"dtype":"U8","note":{"x":[1]},"shape":[1],"data_offsets":[0,1]}}   """), 1);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal("a", Assert.Single(file.Entries).Key);
    }

    [Fact]
    public void Absent_file_and_directory_are_missing_inputs()
    {
        string absent = Path.Combine(directory.FullName, "absent.safetensors");
        Assert.Contains(absent, Failure.Of(ExitClass.InputMissing, () => SafetensorsFile.Open(absent).Dispose()), StringComparison.Ordinal);
        _ = Failure.Of(ExitClass.InputMissing, () => SafetensorsFile.Open(directory.FullName).Dispose());
    }

    [Fact]
    public void Tensor_that_is_not_in_the_file_is_named()
    {
        using SafetensorsFile file = SafetensorsFile.Open(Sample());
        Assert.Contains("'gone'", Failure.Of(ExitClass.DataError, () => file.GetTensor("gone").Dispose()), StringComparison.Ordinal);
    }

    private string Sample() => Write(
        Encoding.UTF8.GetBytes("""{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}"""), 9);

    private string Write(byte[] json, int dataBytes)
    {
        byte[] file = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        return Write(file);
    }

    private string Write(byte[] file)
    {
        string path = Path.Combine(directory.FullName, "hostile.safetensors");
        File.WriteAllBytes(path, file);
        return path;
    }
}
