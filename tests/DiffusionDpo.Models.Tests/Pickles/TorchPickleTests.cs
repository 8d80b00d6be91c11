using System.IO.Compression;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Pickles;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using Xunit;
using static DiffusionDpo.Shared.PickleText;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Pickles;

public sealed class TorchPickleTests : IDisposable
{
    private static readonly byte[] Six = Floats(1, 2, 3, 4, 5, 6);
    private static readonly string SixOf = Storage("FloatStorage", "0", 6);
    private static readonly string Plain = Tensor(SixOf, [2, 3], [3, 1]);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();
    private readonly DisposeScope scope = NewDisposeScope();

    private string Target => Path.Combine(directory.FullName, "weights.safetensors");

    public void Dispose()
    {
        scope.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public void A_state_dictionary_becomes_the_same_tensors_under_the_same_names()
    {
        string state = State(
            ("layers.0.weight", Plain),
            ("layers.0.bias", Tensor(SixOf, [2], [1], offset: 4)),
            ("turned", Tensor(SixOf, [3, 2], [1, 3])),
            ("scale", Tensor(Storage("DoubleStorage", "1", 1), [], [])),
            ("ids", Tensor(Storage("LongStorage", "2", 2), [1, 2], [2, 1])),
            ("half", Tensor(Storage("HalfStorage", "3", 2), [2], [1])),
            ("none", Tensor(Storage("FloatStorage", "4", 0), [0, 3], [3, 1])));
        using SafetensorsFile written = Converted(Archive(
            Pickle(state), ("0", Six), ("1", BitConverter.GetBytes(2.5)), ("2", [.. BitConverter.GetBytes(7L), .. BitConverter.GetBytes(-1L)]), ("3", [0, 0x3C, 0, 0xC0]), ("4", [])));
        Assert.Equal(["half", "ids", "layers.0.bias", "layers.0.weight", "none", "scale", "turned"], written.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([1f, 2, 3, 4, 5, 6], written.GetTensor("layers.0.weight").data<float>());
        Assert.Equal([5f, 6], written.GetTensor("layers.0.bias").data<float>());
        Assert.Equal([1f, 4, 2, 5, 3, 6], written.GetTensor("turned").data<float>());
        Assert.Equal([3L, 2], written.GetTensor("turned").shape);
        Assert.Equal(2.5, written.GetTensor("scale").item<double>());
        Assert.Equal([7L, -1], written.GetTensor("ids").data<long>());
        Assert.Equal([1f, -2], written.GetTensor("half").to(ScalarType.Float32).data<float>());
        Assert.Equal([0L, 3], written.GetTensor("none").shape);
        Assert.Equal("pt", written.Metadata["format"]);
    }

    [Fact]
    public void What_stands_beside_the_state_dictionary_of_a_checkpoint_is_left_out()
    {
        string checkpoint = Dict(("epoch", Number(3)), ("name", Text("ViT-H-14")), ("lr", "G\u003f\u00f0\0\0\0\0\0\0"), ("betas", $"](K\u0001N\u0088e"), ("state_dict", State(("w", Plain))), ("optimizer", Dict(("state", "}"))));
        using SafetensorsFile written = Converted(Archive(Pickle(checkpoint), ("0", Six)));
        Assert.Equal(["w"], written.Entries.Keys);
    }

    [Fact]
    public void What_was_said_once_may_be_referred_to()
    {
        string state = $"{OrderedDict}q\u0001)R({Text("a")}{Tensor($"{SixOf}r\u0005\0\0\0", [2], [1])}{Text("b")}{Rebuild}(j\u0005\0\0\0{Number(2)}{Tuple(2)}{Tuple(1)}\u0088h\u0001)RtRu";
        using SafetensorsFile written = Converted(Archive(Pickle(state), ("0", Six)));
        Assert.Equal([3f, 4], written.GetTensor("b").data<float>());
    }

    [Fact]
    public void Numbers_are_stored_in_the_format_that_is_asked_for()
    {
        using SafetensorsFile written = Converted(Archive(Pickle(State(("w", Plain))), ("0", Six)), new() { Precision = ScalarType.BFloat16 });
        Assert.Equal(ScalarType.BFloat16, written.Entries["w"].Type);
    }

    public static TheoryData<string, string> Bodies => new()
    {
        { "names 'builtins.eval'", $"cbuiltins\neval\n({Text("1")}tR" },
        { "names 'os.system'", $"cos\nsystem\n({Text("true")}tR" },
        { "names 'torch._utils._rebuild_parameter'", "ctorch._utils\n_rebuild_parameter\n" },
        { "names 'torch.load'", "ctorch\nload\n" },
        { "names 'collections.OrderedDict.fromkeys'", "ccollections\nOrderedDict.fromkeys\n" },
        { "calls something", $"{OrderedDict}(]tR" },
        { "calls something", "ctorch\nFloatStorage\n)R" },
        { "calls something", $"{OrderedDict})R)R" },
        { "sets attributes", $"{State()}}}{Text("__class__")}Nsb" },
        { "sets attributes", $"}}}}{Text("_metadata")}{OrderedDict})Rsb" },
        { "instruction 0x69", "(ios\nsystem\n" },
        { "instruction 0x6f", "(o" },
        { "instruction 0x81", $"{OrderedDict})\u0081" },
        { "instruction 0x93", $"{Text("os")}{Text("system")}\u0093" },
        { "instruction 0x82", "\u0082\u0001" },
        { "instruction 0x30", "N0" },
        { "refers to something else", "(NtQ" },
        { "refers to something else", $"({Text("module")}ctorch\nFloatStorage\n{Text("0")}{Text("cpu")}K\u0006tQ" },
        { "refers to something else", Storage("FloatStorage", "../0", 6) },
        { "refers to something else", Storage("FloatStorage", "0", -6) },
        { "is no tensor", Dict(("w", Number(1))) },
        { "is no tensor", Dict(("w", SixOf)) },
        { "is no tensor", State(("w", Dict(("deeper", Plain)))) },
        { "no dictionary", $"]({Plain}e" },
        { "no dictionary", Plain },
        { "is empty", State() },
        { "twice", Dict(("w", Plain), ("w", Plain)) },
        { "may not have it", Dict(("__metadata__", Plain)) },
        { "no name", Dict(("a\nb", Plain)) },
        { "no name", Dict(("", Plain)) },
        { "no name", $"}}K\u0001{Plain}s" },
        { "of a form", $"{Rebuild}({SixOf}{Number(0)}{Tuple(2)}{Tuple(1)}\u0089tR" },
        { "of a form", $"{Rebuild}({SixOf}{Number(0)}{Tuple(2)}{Tuple(1)}\u0089{Dict(("hook", "N"))}tR" },
        { "does not lie within", Dict(("w", Tensor(SixOf, [7], [1]))) },
        { "does not lie within", Dict(("w", Tensor(SixOf, [6], [1], offset: 1))) },
        { "does not lie within", Dict(("w", Tensor(SixOf, [2], [1], offset: -1))) },
        { "does not lie within", Dict(("w", Tensor(SixOf, [-1], [1]))) },
        { "does not lie within", Dict(("w", Tensor(SixOf, [2], [-1], offset: 1))) },
        { "does not lie within", Dict(("w", Tensor(SixOf, [1000000000000], [0]))) },
        { "does not lie within", Dict(("w", Tensor(SixOf, [2, 2, 1], [long.MaxValue, long.MaxValue, long.MaxValue]))) },
        { "does not lie within", Dict(("w", Tensor(SixOf, [2, 3], [1]))) },
        { "no storage 1", Dict(("w", Tensor(Storage("FloatStorage", "1", 6), [6], [1]))) },
        { "no storage 0 of 48", Dict(("w", Tensor(Storage("DoubleStorage", "0", 6), [6], [1]))) },
        { "no storage 0 of 20", Dict(("w", Tensor(Storage("FloatStorage", "0", 5), [5], [1]))) },
        { "of more than 64 bits", "\u008a\u0009abcdefghi" },
        { "is broken", "t" },
        { "is broken", "h\u0001" },
        { "is broken", "s" },
        { "is broken", "(s" },
        { "is broken", "X\u00ff\u00ff\u00ff\u00ff" },
        { "is broken", "X\u0002\0\0\0\u00ff\u00ff" },
        { "middle of something", "NN" },
        { "middle of something", "(" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Whatever_is_no_plain_tensor_is_refused(string reason, string body) => Refused(reason, Archive(Pickle(body), ("0", Six)));

    public static TheoryData<string, byte[]> Archives => new()
    {
        { "not the archive", [] },
        { "not the archive", Pickle(State(("w", Plain))) }, // before version 1.6 pickles stood alone
        { "not a sound", "PK\u0003\u0004"u8.ToArray() },
        { "not a sound", Archive(Pickle(State(("w", Plain))), ("0", Six))[..^40] },
        { "protocol 2", Archive([0x80, 4, (byte)'N', (byte)'.'], ("0", Six)) },
        { "is broken", Archive([0x80, 2], ("0", Six)) },
        { "is compressed", Zip([("model/data.pkl", Pickle(State(("w", Plain)))), ("model/data/0", new byte[24])], CompressionLevel.Optimal) },
        { "little-endian", Zip([("model/data.pkl", Pickle(State(("w", Plain)))), ("model/data/0", Six), ("model/byteorder", "big"u8.ToArray())]) },
        { "not one directory", Zip([("model/data", Six)]) },
        { "not one directory", Zip([("a/data.pkl", Pickle("N")), ("b/data.pkl", Pickle("N"))]) },
        { "not one directory", Zip([("a/data.pkl", Pickle("N")), ("b/data/0", Six)]) },
        { "which PyTorch does not write", Zip([("../data.pkl", Pickle("N"))]) },
        { "which PyTorch does not write", Zip([("/data.pkl", Pickle("N"))]) },
        { "which PyTorch does not write", Zip([("model/data.pkl", Pickle("N")), ("model/../../etc/passwd", Six)]) },
        { "which PyTorch does not write", Zip([("model/data.pkl", Pickle("N")), ("model\\data", Six)]) },
        { "which PyTorch does not write", Zip([("model/data.pkl", Pickle("N")), ("model/data.pkl", Pickle("N"))]) },
        { "which PyTorch does not write", Zip([("data.pkl", Pickle("N"))]) },
    };

    [Theory]
    [MemberData(nameof(Archives))]
    public void Whatever_PyTorch_would_not_have_written_is_refused(string reason, byte[] file) => Refused(reason, file);

    [Fact]
    public void A_small_file_does_not_become_an_enormous_one()
    {
        const int Elements = 1 << 18; // a storage of 1 MiB, a hundred times
        string whole = Tensor(Storage("FloatStorage", "0", Elements), [Elements], [1]);
        Refused("would have", Archive(Pickle(State([.. Enumerable.Range(0, 100).Select(i => ($"w{i}", whole))])), ("0", new byte[4 * Elements])));
    }

    [Fact]
    public void Weights_that_are_tied_are_written_twice()
    {
        using SafetensorsFile written = Converted(Archive(Pickle(State(("a", Plain), ("b", Plain))), ("0", Six)));
        Assert.Equal(written.GetTensor("a").data<float>(), written.GetTensor("b").data<float>());
    }

    [Fact]
    public void A_file_that_is_not_there_is_missing_input() =>
        Assert.Equal(ExitClass.InputMissing, Assert.Throws<RunException>(() => TorchPickle.Open(Path.Combine(directory.FullName, "none.pth"))).ExitClass);

    private SafetensorsFile Converted(byte[] file, ConversionSettings? settings = null)
    {
        string path = Path.Combine(directory.FullName, "weights.pth");
        File.WriteAllBytes(path, file);
        using TorchPickle pickle = TorchPickle.Open(path);
        pickle.Write(Target, settings ?? new());
        return SafetensorsFile.Open(Target);
    }

    private void Refused(string reason, byte[] file)
    {
        string path = Path.Combine(directory.FullName, "weights.pth");
        File.WriteAllBytes(path, file);
        RunException refusal = Assert.Throws<RunException>(() => TorchPickle.Open(path));
        Assert.Equal(ExitClass.DataError, refusal.ExitClass);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(refusal.Message, char.IsControl);
    }
}
