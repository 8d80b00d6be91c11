using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Clip;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Pickles;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Models.Scorers.Preprocessing;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.Tokenizers;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using DiffusionDpo.Shared.Fuzzing;
using Xunit;

namespace DiffusionDpo.Models.Tests.Fuzzing;

/// <summary>Files of a model that somebody else made. What may come out of each reader stands in its case.</summary>
public sealed class ModelFileFuzzTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();

    /// <summary>The file in a model, how it is read, and the classes of failure that its reader promises.</summary>
    private static readonly Dictionary<string, (string[] Sound, Action<string> Read, ExitClass[] Promised)> Readers = new()
    {
        ["unet"] = (["unet/config.json"], path => UNetConfig.FromFile(path), [ExitClass.ConfigurationError]),
        ["autoencoder"] = (["vae/config.json"], path => AutoencoderConfig.FromFile(path), [ExitClass.ConfigurationError]),
        ["text encoder"] = (["text_encoder/config.json"], path => ClipTextConfig.FromFile(path), [ExitClass.ConfigurationError]),
        ["scheduler"] = (["scheduler/scheduler_config.json"], path => SchedulerConfig.FromFile(path), [ExitClass.ConfigurationError]),
        ["CLIP model"] = ([], path => ClipConfig.FromFile(path), [ExitClass.ConfigurationError]),
        ["image processor"] = ([], path => ImageProcessorConfig.Read(path, 32), [ExitClass.ConfigurationError]),
        ["index of a model"] = (["model_index.json"], path => OpenModel(path), [ExitClass.DataError]),
        ["index of shards"] = ([], path => Weights.Open(path).Dispose(), [ExitClass.DataError, ExitClass.InputMissing]),
        ["safetensors"] = ([], path => OpenTensors(path), [ExitClass.DataError]),
        ["head"] = ([], path => AestheticHead.Read(path).Dispose(), [ExitClass.DataError]),
        ["pickle"] = ([], path => TorchPickle.Open(path).Dispose(), [ExitClass.DataError]),
        ["pickle in an archive"] = ([], OpenPickle, [ExitClass.DataError]),
    };

    private static readonly string[] TokenizerFiles = ["vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"];

    public static TheoryData<string> Names => [.. Readers.Keys];

    public static TheoryData<string> Tokenizers => [.. TokenizerFiles];

    /// <summary>Cases that once came out otherwise than promised, and those that must never: every reader gets every one.</summary>
    private static byte[][] Nasty =>
    [
        [], [0], [0xFF, 0xFE], "null"u8.ToArray(), "[]"u8.ToArray(), "{\"\\ud800\":1}"u8.ToArray(), "{\"_class_name\":\"\\ud800\"}"u8.ToArray(), Encoding.UTF8.GetBytes($"{{\"\\ud800{new string('0', 100)}\":1}}"),
        "{\"a\":1,\"a\":2}"u8.ToArray(),
        "{\"weight_map\":{\"\\udfff\":\"a.safetensors\"}}"u8.ToArray(), "{\"weight_map\":{\"a\":\"../a.safetensors\"}}"u8.ToArray(), "{\"weight_map\":{\"a\":\"\\ud800.safetensors\"}}"u8.ToArray(),
        Encoding.UTF8.GetBytes(new string('[', 100_000)), Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 50_000))),
        [.. BitConverter.GetBytes(1UL << 60), .. "{}"u8], [.. BitConverter.GetBytes(2L), .. "{}"u8],
    ];

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void Whatever_is_in_a_file_its_reader_takes_it_or_refuses_it_as_it_promises(string name)
    {
        (string[] sound, Action<string> read, ExitClass[] promised) = Readers[name];
        string path = Path.Combine(directory.FullName, name is "safetensors" or "head" ? "model.safetensors" : "model_index.json");
        byte[][] corpus = [.. sound.Select(file => File.ReadAllBytes(Goldens.Path("tiny-sd15", file))), .. Own(name)];
        Assert.All(corpus, file => Assert.True(IsTaken(file) || name == "index of shards"));
        foreach (byte[] nasty in Nasty) Fuzz.One(nasty, $"nasty {Convert.ToBase64String(nasty.AsSpan(0, Math.Min(60, nasty.Length)))}", IsTaken);
        int cases = Fuzz.Cases(2_000), taken = Fuzz.Feed(new(corpus, Nasty), cases, IsTaken);
        Assert.InRange(taken, name == "index of shards" ? 0 : 1, cases * 3 / 4); // its shards are not there

        bool IsTaken(byte[] file) => Take(path, file, () => read(path), promised);
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Whatever_is_in_a_file_of_a_tokenizer_it_loads_or_is_refused(string name)
    {
        foreach (string file in TokenizerFiles) File.Copy(Goldens.Path("tiny-sd15", "tokenizer", file), Path.Combine(directory.FullName, file));
        string path = Path.Combine(directory.FullName, name);
        byte[] sound = File.ReadAllBytes(path);
        foreach (byte[] nasty in (byte[][])[.. Nasty, Lines(sound, 1_000_000)]) Fuzz.One(nasty, "nasty", IsTaken);
        Fuzz.Feed(new([sound], Nasty, "\"lstrip\": false", "\u0120a b", "</w>", "<|endoftext|>"), Fuzz.Cases(1_000), IsTaken);

        bool IsTaken(byte[] file) => Take(path, file, () => ClipTokenizer.Load(directory.FullName).Encode("a fox, 2 dogs"), [ExitClass.ConfigurationError]);
    }

    private static bool Take(string path, byte[] file, Action read, ExitClass[] promised)
    {
        File.WriteAllBytes(path, file);
        try
        {
            read();
            return true;
        }
        catch (RunException refusal)
        {
            Assert.Contains(refusal.ExitClass, promised);
            Assert.DoesNotContain(refusal.Message, char.IsControl);
            Assert.InRange(refusal.Message.Length, 20, 2_000);
            return false;
        }
    }

    private static void OpenModel(string path)
    {
        ModelDirectory model = ModelDirectory.Open(Path.GetDirectoryName(path)!);
        _ = model.PipelineClass;
        _ = model.Components.Count();
    }

    private static void OpenTensors(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        foreach (string name in file.Entries.Keys) file.GetTensor(name).Dispose();
    }

    // What is wrong with a pickle is behind the archive's own checks.
    private static void OpenPickle(string path)
    {
        File.WriteAllBytes(path, PickleText.Archive(File.ReadAllBytes(path), ("0", PickleText.Floats(1, 2, 3, 4, 5, 6))));
        using TorchPickle pickle = TorchPickle.Open(path);
        pickle.Write(Path.ChangeExtension(path, ".safetensors"), new());
        OpenTensors(Path.ChangeExtension(path, ".safetensors"));
    }

    private static byte[] State()
    {
        string storage = PickleText.Storage("FloatStorage", "0", 6);
        return PickleText.Pickle(PickleText.State(("layers.0.weight", PickleText.Tensor(storage, [2, 3], [3, 1])), ("layers.0.bias", PickleText.Tensor(storage, [2], [1], offset: 4))));
    }

    private static byte[][] Own(string name)
    {
        if (name == "CLIP model") return [File.ReadAllBytes(Goldens.Path("tiny-clip", "config.json")), File.ReadAllBytes(Goldens.Path("tiny-clip-h", "config.json"))];
        if (name == "image processor") return [File.ReadAllBytes(Goldens.Path("tiny-clip", "preprocessor_config.json"))];
        if (name == "head") return [File.ReadAllBytes(Goldens.Path("scorer", "aesthetic", "model.safetensors"))];
        if (name == "pickle") return [PickleText.Archive(State(), ("0", PickleText.Floats(1, 2, 3, 4, 5, 6)))];
        if (name == "pickle in an archive") return [State()];
        if (name == "index of shards") return [Encoding.UTF8.GetBytes("""{"metadata":{"total_size":4},"weight_map":{"a":"model-00001-of-00001.safetensors","b.weight":"b.safetensors"}}""")];
        byte[] json = Encoding.UTF8.GetBytes("""{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[1,2],"data_offsets":[8,12]}}""");
        return name == "safetensors" ? [[.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[12]]] : [];
    }

    private static byte[] Lines(byte[] file, int count) =>
        [.. file, .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(i => $"a b{i}\n")))];
}
