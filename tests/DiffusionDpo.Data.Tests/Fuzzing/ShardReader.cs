using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;
using Xunit;

namespace DiffusionDpo.Data.Tests.Fuzzing;

/// <summary>Parquet shards: footer, labels, captions, images. Refused: a data error.</summary>
internal sealed class ShardReader : NativeReader
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"ddpo-fuzz-{Environment.ProcessId}.parquet");
    private readonly Stores _stores = new();

    public ShardReader()
    {
        using ShardDirectory shards = new();
        byte[] sound = File.ReadAllBytes(shards.Write("x.parquet", 6, rowsPerGroup: 3));
        Sound = [sound, File.ReadAllBytes(shards.Write("y.parquet", 1))];
        int footer = BitConverter.ToInt32(sound, sound.Length - 8);
        Nasty = new Dictionary<string, byte[]>
        {
            ["marks alone"] = "PAR1PAR1"u8.ToArray(),
            ["footer longer than the file"] = [.. sound[..^8], .. BitConverter.GetBytes(int.MaxValue), .. "PAR1"u8],
            ["footer of negative length"] = [.. sound[..^8], .. BitConverter.GetBytes(-1), .. "PAR1"u8],
            ["footer of no bytes"] = [.. sound[..^8], .. BitConverter.GetBytes(0), .. "PAR1"u8],
            ["footer of zeros"] = [.. sound[..^(footer + 8)], .. new byte[footer], .. sound[^8..]],
            ["footer of ones"] = [.. sound[..^(footer + 8)], .. Enumerable.Repeat((byte)0xFF, footer), .. sound[^8..]],
            ["encrypted"] = [.. sound[..^4], .. "PARE"u8],
        };
    }

    public override IReadOnlyList<byte[]> Sound { get; }

    public override IReadOnlyDictionary<string, byte[]> Nasty { get; }

    public override bool IsTaken(byte[] file)
    {
        File.WriteAllBytes(_path, file);
        StorageUri uri = StorageUri.OfPath(_path);
        try
        {
            using PickAPicShard shard = PickAPicShard.OpenAsync(_stores.For(uri), _stores.For(uri).FindAsync(uri).AsTask().GetAwaiter().GetResult()!, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            _ = shard.ScanAsync(CancellationToken.None).ToBlockingEnumerable().Count();
            for (int group = 0; group < shard.RowGroups; group++)
            {
                int[] rows = [.. Enumerable.Range(0, Math.Min(3, shard.ReadLabels(group).Length))];
                _ = shard.ReadAsync(new GroupPlace(group), rows, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            }

            return true;
        }
        catch (RunException refusal)
        {
            Assert.Equal(ExitClass.DataError, refusal.ExitClass);
            Assert.DoesNotContain(refusal.Message, char.IsControl);
            Assert.InRange(refusal.Message.Length, 20, 1_000);
            return false;
        }
        finally
        {
            File.Delete(_path);
        }
    }
}
