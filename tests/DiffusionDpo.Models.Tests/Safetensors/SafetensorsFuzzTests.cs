using CsCheck;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Safetensors;

/// <summary>Runs alone: the memory in use is the process's.</summary>
[CollectionDefinition(nameof(SafetensorsFuzzTests), DisableParallelization = true)]
[Collection(nameof(SafetensorsFuzzTests))]
public sealed class SafetensorsFuzzTests : IDisposable
{
    private const int Mutations = 3_000;

    private readonly string path = Path.GetTempFileName();
    private readonly byte[] sound;

    public SafetensorsFuzzTests()
    {
        using DisposeScope scope = NewDisposeScope();
        var written = new MemoryStream();
        SafetensorsWriter.Write(
            written,
            [("weight", arange(12, ScalarType.Float32).view(3, 4)), ("half", ones(5, ScalarType.Float16)), ("step", tensor(7L)), ("none", zeros(0, 3))],
            new Dictionary<string, string> { ["format"] = "pt" });
        sound = written.ToArray();
    }

    private Gen<byte[]> Cut => Gen.Int[0, sound.Length].Select(length => sound[..length]);

    private Gen<byte[]> FlippedBits => Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Int[0, 7]).Array[1, 4].Select(flips =>
    {
        byte[] file = [.. sound];
        foreach ((int at, int bit) in flips) file[at] ^= (byte)(1 << bit);
        return file;
    });

    private Gen<byte[]> EditedHeader => Gen.Select(Gen.Int[8, HeaderEnd - 1], Gen.Int[0, 8], Gen.Int[0, Tokens.Length - 1]).Select(edit =>
    {
        (int at, int removed, int token) = edit;
        byte[] json = [.. sound[8..at], .. System.Text.Encoding.UTF8.GetBytes(Tokens[token]), .. sound[Math.Min(HeaderEnd, at + removed)..HeaderEnd]];
        byte[] file = [.. BitConverter.GetBytes((long)json.Length), .. json, .. sound[HeaderEnd..]];
        return file;
    });

    private int HeaderEnd => 8 + (int)BitConverter.ToInt64(sound);

    private static string[] Tokens =>
        ["", "0", "-", "9", "99999999999999999999", "{", "}", "[", "]", "\"", ",", ":", "\\", "\\ud800", "\u0000", "e9", ".5", "null", "F64", "\"a\":"];

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Mutated_files_open_or_are_refused_and_take_no_memory()
    {
        long before = Environment.WorkingSet;
        int refused = 0;
        Gen.OneOf(Cut, FlippedBits, EditedHeader).Sample(
            file =>
            {
                if (!Opens(file)) Interlocked.Increment(ref refused);
            },
            iter: Mutations, threads: 1);
        Assert.InRange(refused, Mutations / 2, Mutations);
        Assert.DoesNotContain(File.ReadLines("/proc/self/maps"), line => line.EndsWith(path, StringComparison.Ordinal));
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 200 << 20);
    }

    private bool Opens(byte[] file)
    {
        File.WriteAllBytes(path, file);
        try
        {
            using SafetensorsFile opened = SafetensorsFile.Open(path);
            using DisposeScope scope = NewDisposeScope();
            foreach (SafetensorsEntry entry in opened.Entries.Values)
            {
                Tensor tensor = opened.GetTensor(entry.Name);
                Assert.Equal(entry.Shape, tensor.shape);
                _ = tensor.to(ScalarType.Float64).sum();
            }

            return true;
        }
        catch (RunException e)
        {
            Assert.Equal(ExitClass.DataError, e.ExitClass);
            return false;
        }
    }
}
