using System.Formats.Tar;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Data.WebDataset;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Local;
using Xunit;

namespace DiffusionDpo.Data.Tests.WebDataset;

public sealed class WebDatasetShardTests : IDisposable
{
    private readonly ShardDirectory _shards = new();
    private readonly CountingStore _store = new(new LocalStore());

    public void Dispose() => _shards.Dispose();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static IEnumerable<(string, byte[])> Rows(int count, string directory = "") =>
        Enumerable.Range(0, count).SelectMany(row => ShardDirectory.Members("x", row, directory));

    private WebDatasetShard Open(string path) => new(_store, _store.FindAsync(StorageUri.OfPath(path), Stop).AsTask().Result!);

    private async Task<ScannedGroup[]> Scan(string path) => [.. await Open(path).ScanAsync(Stop).ToListAsync(Stop)];

    private async Task<ScannedRow[]> ScanRows(IEnumerable<(string, byte[])> members) =>
        [.. (await Scan(_shards.WriteTar("x.tar", members))).SelectMany(group => group.Rows)];

    [Theory]
    [InlineData(TarEntryFormat.V7, 3)]
    [InlineData(TarEntryFormat.Ustar, 120)] // in the prefix
    [InlineData(TarEntryFormat.Gnu, 300)] // in a header of its own
    [InlineData(TarEntryFormat.Pax, 300)]
    public async Task Whoever_wrote_it_members_are_found_and_read_back(TarEntryFormat format, int lengthOfNames)
    {
        var directory = string.Concat(Enumerable.Repeat("directory/", lengthOfNames / 10));
        var path = _shards.WriteTar("x.tar", Rows(150, directory), format);
        var groups = await Scan(path);
        Assert.Equal([64, 64, 22], groups.Select(group => group.Rows.Count));
        Assert.All(groups.SelectMany(group => group.Rows), row => Assert.Equal(Verdict.FirstWins, row.Verdict));
        var content = await Open(path).ReadAsync(groups[1].Place, [0, 7, 63], Stop);
        Assert.Equal(new[] { 64, 71, 127 }.Select(row => ShardDirectory.Record("x", row).Caption), content.Captions);
        Assert.Equal(new[] { 64, 71, 127 }.Select(row => ShardDirectory.Record("x", row).Image0), content.Images0);
        Assert.Equal(new[] { 64, 71, 127 }.Select(row => ShardDirectory.Record("x", row).Image1), content.Images1);
    }

    [Fact]
    public async Task Scanning_reads_headers_and_not_bodies()
    {
        var image = new byte[200_000];
        var path = _shards.WriteTar("x.tar", Enumerable.Range(0, 20).SelectMany(row => Members(row)));
        await Scan(path);
        Assert.InRange(_store.Reads.Count, 20, (2 * 20) + 1); // and the end
        Assert.InRange(_store.Bytes, 1, new FileInfo(path).Length / 40);

        (string, byte[])[] Members(int row) => [($"{row}.w.png", image), ($"{row}.l.webp", image), ($"{row}.txt", "fox"u8.ToArray())];
    }

    [Fact]
    public async Task A_group_is_read_in_one_piece_that_holds_nothing_else()
    {
        var path = _shards.WriteTar("x.tar", Rows(100));
        var groups = await Scan(path);
        var before = _store.Reads.Count;
        await Open(path).ReadAsync(groups[0].Place, [.. Enumerable.Range(0, 64)], Stop);
        var read = Assert.Single(_store.Reads.Skip(before));
        Assert.Equal((groups[0].Place.Offset, (int)groups[0].Place.Length), (read.Offset, read.Count));
        Assert.True(groups[0].Place.Offset + groups[0].Place.Length <= groups[1].Place.Offset);
    }

    [Fact]
    public async Task What_a_sample_lacks_is_named()
    {
        byte[] jpeg = [1];
        var rows = await ScanRows(
        [
            ("a.w.jpg", jpeg), ("a.txt", jpeg),
            ("b.l.jpg", jpeg), ("b.txt", jpeg),
            ("c.w.jpg", jpeg), ("c.l.jpg", jpeg),
            ("d.w.jpg", jpeg), ("d.l.jpg", []), ("d.txt", jpeg),
            ("e.w.jpg", jpeg), ("e.w.png", jpeg), ("e.l.jpg", jpeg), ("e.txt", jpeg),
            ("f.jpg", jpeg), ("f.txt", jpeg),
            ("g.w.jpg", jpeg), ("g.l.jpg", jpeg), ("g.txt", new byte[70_000]),
            ("h.W.JPEG", jpeg), ("h.l.webp", jpeg), ("h.txt", []), ("h.json", jpeg),
        ]);
        Assert.Equal(
            [
                "a: no member .l.jpg, .l.png or .l.webp", "b: no member .w.jpg, .w.png or .w.webp", "c: no member .txt", "d: an image without bytes",
                "e: two members .w", "f: no member .w.jpg, .w.png or .w.webp", "g: a prompt of 70000 bytes", null,
            ],
            rows.Select(row => row.Reason));
        Assert.Equal(Verdict.FirstWins, rows[^1].Verdict);
    }

    [Fact]
    public async Task Keys_with_a_dot_are_not_passed_over_without_a_word()
    {
        byte[] jpeg = [1];
        var rows = await ScanRows([.. Rows(1), ("v1.5-k0.w.jpg", jpeg), ("v1.5-k0.l.jpg", jpeg), ("v1.5-k0.txt", jpeg), ("x.w.jpg", jpeg), ("x.thumb.w.jpg", jpeg), ("x.l.jpg", jpeg), ("x.txt", jpeg)]);
        Assert.Equal([null, "v1: an image whose key has a dot: a key ends at the first dot of its name", null], rows.Select(row => row.Reason));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_file_that_was_cut_off_between_two_members_is_not_whole(int rows)
    {
        var path = _shards.WriteTar("x.tar", Rows(5));
        var begin = rows == 0 ? 0 : (await Open(path).ScanAsync(Stop).ToListAsync(Stop))[0].Place.Length / 5 * rows;
        await using (var file = File.OpenWrite(path)) file.SetLength(begin);
        var failure = await Assert.ThrowsAsync<RunException>(() => Scan(path));
        Assert.Equal(ExitClass.DataError, failure.ExitClass);
        Assert.Contains("cut off", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mark_of_byte_order_is_no_part_of_a_prompt()
    {
        var path = _shards.WriteTar("x.tar", [("a.w.jpg", [1]), ("a.l.jpg", [1]), ("a.txt", [0xEF, 0xBB, 0xBF, (byte)'f', (byte)'\n'])]);
        Assert.Equal(["f"], (await Open(path).ReadAsync((await Scan(path))[0].Place, [0], Stop)).Captions);
    }

    [Fact]
    public async Task Other_members_are_passed_over()
    {
        var rows = await ScanRows([("README", [1]), ("./._0.w.jpg", [1]), .. Rows(1), ("index.json", [1]), .. Rows(2).Skip(3), ("LICENSE", [1])]);
        Assert.Equal(2, rows.Count(row => row.Verdict == Verdict.FirstWins));
        Assert.Equal(2, rows.Length);
    }

    [Fact]
    public async Task Groups_stay_small_whatever_lies_between_samples()
    {
        var path = _shards.WriteTar("x.tar", [.. Rows(2), ("model.bin", new byte[EncodedImage.MostBytes]), .. Rows(3).Skip(6), .. Giant("9")]);
        var groups = await Scan(path);
        Assert.Equal([2, 1, 1], groups.Select(group => group.Rows.Count));
        Assert.Equal("00009: members that span", groups[2].Rows[0].Reason![..24]);
        Assert.Equal(ShardDirectory.Record("x", 2).Image0, Assert.Single((await Open(path).ReadAsync(groups[1].Place, [0], Stop)).Images0));

        static IEnumerable<(string, byte[])> Giant(string key) =>
            [($"0000{key}.w.jpg", new byte[EncodedImage.MostBytes]), ($"0000{key}.l.jpg", [1]), ($"0000{key}.txt", [1])];
    }

    [Theory]
    [InlineData(1, "it ends at byte 1, within a header")]
    [InlineData(700, "it ends at byte 700, within the member that begins at byte 0")]
    public async Task A_truncated_file_is_named_with_the_place(int length, string reason)
    {
        var path = _shards.WriteTar("x.tar", Rows(3));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);
        await Fails(path, reason);
    }

    [Fact]
    public async Task A_damaged_header_is_named_with_its_place()
    {
        var path = _shards.WriteTar("x.tar", Rows(3));
        var bytes = File.ReadAllBytes(path);
        var second = bytes.AsSpan().IndexOf("00000.l.jpg"u8);
        bytes[second] ^= 1;
        File.WriteAllBytes(path, bytes);
        await Fails(path, $"byte {second}: the checksum of a header does not match");
    }

    [Fact]
    public async Task What_is_no_tar_file_is_refused()
    {
        var path = Path.Combine(_shards.Path, "x.tar");
        File.WriteAllText(path, string.Concat(Enumerable.Repeat("this is not a tar file. ", 100)));
        await Fails(path, "byte 0: ");
    }

    [Fact]
    public async Task A_file_that_was_replaced_since_it_was_scanned_is_no_pair()
    {
        var path = _shards.WriteTar("x.tar", Rows(3));
        var group = Assert.Single(await Scan(path)).Place;
        _shards.WriteTar("x.tar", [("a.txt", new byte[1000]), .. Rows(3)]);
        var failure = await Assert.ThrowsAsync<RunException>(async () => await Open(path).ReadAsync(group, [0, 1, 2], Stop));
        Assert.Equal(ExitClass.DataError, failure.ExitClass);
    }

    private async Task Fails(string path, string reason)
    {
        var failure = await Assert.ThrowsAsync<RunException>(async () => await Scan(path));
        Assert.Equal(ExitClass.DataError, failure.ExitClass);
        Assert.StartsWith($"{path}: not readable as a WebDataset tar file: {reason}", failure.Message, StringComparison.Ordinal);
    }
}
