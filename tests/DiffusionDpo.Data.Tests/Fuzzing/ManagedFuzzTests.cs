using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Shared.Fuzzing;
using DiffusionDpo.Storage;
using Xunit;

namespace DiffusionDpo.Data.Tests.Fuzzing;

/// <summary>Shards of formats without native code, and manifests, that somebody else made.</summary>
public sealed class ManagedFuzzTests : IDisposable
{
    private const int Cases = 4_000;

    private readonly ShardDirectory _shards = new();

    public void Dispose() => _shards.Dispose();

    [Fact]
    public void Whatever_is_in_a_tar_file_it_is_read_or_refused()
    {
        byte[][] sound =
        [
            .. new[] { TarEntryFormat.Ustar, TarEntryFormat.Pax, TarEntryFormat.Gnu }
                .Select(format => File.ReadAllBytes(_shards.WriteTar("x.tar", Members(format == TarEntryFormat.Ustar ? "" : new string('d', 200) + "/"), format))),
        ];
        byte[][] nasty =
        [
            [], new byte[1024], sound[0][..700], Resized(sound[0], "77777777777"), Resized(sound[0], "-0000000001"), Resized(sound[0], "\u0080\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff"),
            Resized(sound[0], "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff"), Resized(sound[1], "77777777777"), Resized(sound[2], "77777777777"),
        ];
        foreach (var file in sound) Assert.True(Fuzz.One(file, "sound", IsTakenAsTar));
        foreach (var (number, file) in nasty.Index()) Assert.False(Fuzz.One(file, $"nasty {number}", IsTakenAsTar));
        var taken = Fuzz.Feed(new Mutants(sound, nasty, ".w.jpg", ".l.jpg", "ustar", "00000000017", "20 size=99999999999\n", "9 path=x\n"), Fuzz.Cases(Cases), IsTakenAsTar);
        Assert.InRange(taken, Cases / 20, Fuzz.Cases(Cases) * 9 / 10);
    }

    [Fact]
    public void Whatever_is_in_a_file_of_lines_it_is_read_or_refused()
    {
        byte[][] sound = [.. new[] { 1, 70 }.Select(rows => File.ReadAllBytes(_shards.WriteLines("x.jsonl", 2, Enumerable.Range(0, rows).Select(row => ShardDirectory.Line("x.jsonl", row % 2)))))];
        byte[][] nasty = [[], [0xEF, 0xBB, 0xBF], Encoding.UTF8.GetBytes(new string('[', 100_000)), Encoding.UTF8.GetBytes(new string('\n', 10_000)), Encoding.Unicode.GetBytes("{}")];
        foreach (var file in sound) Assert.True(Fuzz.One(file, "sound", IsTakenAsLines));
        var taken = Fuzz.Feed(
            new Mutants(sound, nasty, "\n", "\"preference\"", "null", "/dev/zero", "../", "s3://b?x/", "http://localhost/", "az://a/b?sig=1"), Fuzz.Cases(Cases), IsTakenAsLines);
        Assert.InRange(taken, Cases / 20, Fuzz.Cases(Cases));
    }

    [Fact]
    public void Whatever_is_in_a_manifest_it_is_read_or_refused()
    {
        _shards.Write("a.parquet", 5, change: (row, record) => row == 3 ? record with { Label0 = 0.25 } : record);
        byte[] sound = ManifestCodec.Encode(_shards.Scan(), _shards.Sources);
        Assert.True(IsTakenAsManifest(sound[..^SHA256.HashSizeInBytes]));
        var taken = Fuzz.Feed(new Mutants([sound[..^SHA256.HashSizeInBytes]], []), Fuzz.Cases(Cases), IsTakenAsManifest);
        Assert.InRange(taken, 0, Fuzz.Cases(Cases) / 2);
    }

    /// <summary>With the hash that the mutant would have: bytes that somebody changed on purpose.</summary>
    private static bool IsTakenAsManifest(byte[] body)
    {
        try
        {
            _ = ManifestCodec.Decode([.. body, .. SHA256.HashData(body)]);
            return true;
        }
        catch (InvalidDataException refusal)
        {
            Assert.NotEmpty(refusal.Message);
            return false;
        }
    }

    private bool IsTakenAsTar(byte[] file) => IsTaken(DataFormat.WebDataset, "x.tar", file);

    private bool IsTakenAsLines(byte[] file) => IsTaken(DataFormat.JsonLines, "x.jsonl", file);

    private bool IsTaken(DataFormat format, string name, byte[] file)
    {
        var uri = StorageUri.OfPath(Path.Combine(_shards.Path, name));
        File.WriteAllBytes(uri.LocalPath, file);
        try
        {
            return ReadAsync(format, _shards.Stores.For(uri).FindAsync(uri).AsTask().GetAwaiter().GetResult()!).AsTask().GetAwaiter().GetResult();
        }
        catch (RunException refusal)
        {
            Assert.Equal(ExitClass.DataError, refusal.ExitClass);
            Assert.DoesNotContain(refusal.Message, char.IsControl);
            Assert.InRange(refusal.Message.Length, 20, 1_000);
            return false;
        }
    }

    /// <summary>Scans, and reads the pairs of each group.</summary>
    /// <returns>Whether there is a pair at all.</returns>
    private async ValueTask<bool> ReadAsync(DataFormat format, ObjectInfo info)
    {
        using var shard = await ShardFormats.OpenAsync(_shards.Stores, format, info, CancellationToken.None);
        var pairs = 0;
        await foreach (var group in shard.ScanAsync(CancellationToken.None))
        {
            Assert.All(group.Rows, row => Assert.True(row.Verdict != Verdict.Bad || row.Reason is { Length: > 5 and < 1_000 } reason && !reason.Any(char.IsControl)));
            int[] rows = [.. group.Rows.Index().Where(row => row.Item.Verdict is Verdict.FirstWins or Verdict.SecondWins).Select(row => row.Index)];
            if (rows.Length == 0) continue;
            var content = await shard.ReadAsync(group.Place, rows, CancellationToken.None);
            Assert.Equal((rows.Length, rows.Length, rows.Length), (content.Captions.Length, content.Images0.Length, content.Images1.Length));
            pairs += rows.Length;
        }

        return pairs > 0;
    }

    private static IEnumerable<(string, byte[])> Members(string directory) =>
        Enumerable.Range(0, 2).SelectMany(row => new[] { ($"{directory}{row}.w.jpg", new byte[30]), ($"{directory}{row}.l.png", new byte[600]), ($"{directory}{row}.txt", "fox"u8.ToArray()) });

    /// <summary>Another size in the first header, whose checksum is made to match.</summary>
    private static byte[] Resized(byte[] tar, string size)
    {
        byte[] changed = [.. tar];
        Encoding.Latin1.GetBytes(size).CopyTo(changed, 124);
        "        "u8.CopyTo(changed.AsSpan(148));
        Encoding.ASCII.GetBytes(Convert.ToString(changed.Take(512).Sum(each => each), 8).PadLeft(6, '0') + "\0 ").CopyTo(changed, 148);
        return changed;
    }
}
