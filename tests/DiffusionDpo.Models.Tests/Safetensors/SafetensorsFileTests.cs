using System.Text;
using System.Text.Json.Nodes;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();

    public static TheoryData<string> GoldenFiles => [.. Goldens.Files("*.safetensors")];

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(GoldenFiles))]
    public void Files_of_the_reference_are_rewritten_byte_for_byte(string golden)
    {
        using SafetensorsFile file = Goldens.Open(golden);
        using DisposeScope scope = NewDisposeScope();
        var written = new MemoryStream();
        SafetensorsWriter.Write(written, [.. file.Entries.Keys.Reverse().Select(name => (name, file.GetTensor(name)))], file.Metadata);
        Assert.Equal(WithSortedMetadata(File.ReadAllBytes(file.Path)), written.ToArray());
    }

    // The reference writes metadata in the order of a hash table, another one in every file.
    private static byte[] WithSortedMetadata(byte[] file)
    {
        int headerLength = (int)BitConverter.ToInt64(file);
        string header = Encoding.UTF8.GetString(file, sizeof(long), headerLength);
        JsonObject metadata = JsonNode.Parse(header)!["__metadata__"]!.AsObject();
        JsonObject sorted = new(metadata.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => KeyValuePair.Create(each.Key, each.Value?.DeepClone())));
        Encoding.UTF8.GetBytes(header.Replace(metadata.ToJsonString(), sorted.ToJsonString(), StringComparison.Ordinal)).CopyTo(file, sizeof(long));
        return file;
    }

    [Fact]
    public void Tensors_outlive_the_file_and_give_the_mapping_back_when_the_last_is_gone()
    {
        string path = WriteSample();
        Tensor kept, slice;
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            kept = file.GetTensor("matrix");
            slice = kept[1];
        }

        Assert.True(IsMapped(path));
        kept.Dispose();
        Assert.Equal([4f, 5, 6], slice.data<float>().ToArray());
        Assert.True(IsMapped(path));
        slice.Dispose();
        Assert.False(IsMapped(path));
    }

    [Fact]
    public void Writing_into_a_tensor_never_changes_the_file()
    {
        string path = WriteSample();
        byte[] before = File.ReadAllBytes(path);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        using (Tensor matrix = file.GetTensor("matrix")) matrix.fill_(9);
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void Two_reads_of_a_tensor_share_memory()
    {
        using SafetensorsFile file = SafetensorsFile.Open(WriteSample());
        using Tensor one = file.GetTensor("matrix"), two = file.GetTensor("matrix");
        Assert.Equal(TorchNative.DataPointer(one), TorchNative.DataPointer(two));
    }

    private string WriteSample()
    {
        string path = Path.Combine(directory.FullName, "sample.safetensors");
        using Tensor matrix = tensor(new float[] { 1, 2, 3, 4, 5, 6 }, [2, 3]);
        SafetensorsWriter.WriteFile(path, [("matrix", matrix)]);
        return path;
    }

    private static bool IsMapped(string path) => File.ReadLines("/proc/self/maps").Any(line => line.EndsWith(path, StringComparison.Ordinal));
}
