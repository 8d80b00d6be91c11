using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.JsonLines;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;
using Xunit;

namespace DiffusionDpo.Data.Tests.JsonLines;

public sealed class JsonLinesShardTests : IDisposable
{
    private const string Sound = """{"prompt": "a fox", "image0": "a.jpg", "image1": "b.jpg", "preference": "image0"}""";

    private readonly ShardDirectory _shards = new();

    public void Dispose() => _shards.Dispose();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private JsonLinesShard Open(string path)
    {
        var uri = StorageUri.OfPath(path);
        return new(_shards.Stores, _shards.Stores.For(uri).FindAsync(uri, Stop).AsTask().Result!);
    }

    private async Task<ScannedGroup[]> Scan(string path) => [.. await Open(path).ScanAsync(Stop).ToListAsync(Stop)];

    private async Task<ScannedRow[]> ScanRows(params IEnumerable<string> lines) =>
        [.. (await Scan(_shards.WriteLines("x.jsonl", 0, lines))).SelectMany(group => group.Rows)];

    private static string With(string from, string to) => Sound.Replace(from, to, StringComparison.Ordinal);

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\n\n  \n")]
    public async Task Lines_are_read_back_group_by_group(string newline)
    {
        var path = _shards.WriteLines("x.jsonl", 150, []);
        File.WriteAllText(path, "\uFEFF" + string.Join(newline, Enumerable.Range(0, 150).Select(row => ShardDirectory.Line("x.jsonl", row))) + newline);
        var groups = await Scan(path);
        Assert.Equal([64, 64, 22], groups.Select(group => group.Rows.Count));
        Assert.Equal([Verdict.FirstWins, Verdict.SecondWins, Verdict.Tie], groups[0].Rows.Take(3).Select(row => row.Verdict));
        foreach (var group in groups)
        {
            int[] rows = [0, 5, 21];
            var content = await Open(path).ReadAsync(group.Place, rows, Stop);
            var records = rows.Select(row => ShardDirectory.Record("x.jsonl", (64 * group.Place.Number) + row)).ToArray();
            Assert.Equal(records.Select(record => record.Caption), content.Captions);
            Assert.Equal(records.Select(record => record.Image0), content.Images0);
            Assert.Equal(records.Select(record => record.Image1), content.Images1);
            Assert.All(content.Reasons!, Assert.Null);
        }
    }

    [Fact]
    public async Task What_is_wrong_with_a_line_is_named_with_its_number()
    {
        string[] lines =
        [
            Sound, "{", "[]", "7", With("\"a fox\"", "7"), With("\"prompt\"", "\"caption\""), With("\"a.jpg\"", "\"\""), With("\"image0\"}", "\"left\"}"),
            With("\"image0\"}", "1}"), With("\"image0\"}", "null}"), With("\"image0\"}", "\"tie\"}"), "", With("a fox", "\\ud800"), With(", \"preference\": \"image0\"", ""),
        ];
        var rows = await ScanRows(lines);
        Assert.Equal([Verdict.Unlabelled, Verdict.Tie, Verdict.Bad, Verdict.Unlabelled], rows[^4..].Select(row => row.Verdict));
        string?[] reasons =
        [
            null, "line 2: it is not JSON: ", "line 3: it is not a JSON object", "line 4: it is not a JSON object", "line 5: prompt is no text", "line 6: prompt is no text",
            "line 7: image0 is empty", "line 8: preference is \"left\", not \"image0\", \"image1\", \"tie\" or null",
            "line 9: preference is 1, not \"image0\", \"image1\", \"tie\" or null", null, null, "line 13: it is not JSON: ", null,
        ];
        Assert.All(rows.Zip(reasons), both => Assert.StartsWith(both.Second ?? "", both.First.Reason ?? "", StringComparison.Ordinal));
        Assert.Equal(reasons.Select(reason => reason is null), rows.Select(row => row.Reason is null));
        Assert.All(rows, row => Assert.DoesNotContain('\n', row.Reason ?? ""));
    }

    [Fact]
    public async Task A_line_of_any_length_is_one_bad_row_and_groups_stay_small()
    {
        var rows = Enumerable.Repeat(Sound, 10).Append(With("a fox", new string('x', 3_000_000))).Concat(Enumerable.Repeat(Sound, 10)).Append(With("a fox", new string('x', 70_000)));
        var groups = await Scan(_shards.WriteLines("x.jsonl", 0, rows));
        Assert.Equal([10, 1, 10, 1], groups.Select(group => group.Rows.Count));
        Assert.Equal(["line 11: longer than 65536 bytes", "line 22: longer than 65536 bytes"], groups.SelectMany(group => group.Rows).Select(row => row.Reason).OfType<string>());
        Assert.Equal(10 * (Sound.Length + 1) - 1, groups[2].Place.Length);
    }

    [Fact]
    public async Task Images_that_cannot_be_had_are_bad_rows_with_the_reason()
    {
        var path = _shards.WriteLines("x.jsonl", 2, []);
        File.WriteAllBytes(Path.Combine(_shards.Path, "empty.jpg"), []);
        File.WriteAllLines(path, new[] { "images/0.0.jpg", "nowhere.jpg", "empty.jpg", "../up.jpg", "https://example.org/x.jpg", "/dev/zero", Path.Combine(_shards.Path, "images/1.1.jpg") }
            .Select(image => With("b.jpg", image).Replace("a.jpg", "images/1.0.jpg", StringComparison.Ordinal)));
        var content = await Open(path).ReadAsync(Assert.Single(await Scan(path)).Place, [.. Enumerable.Range(0, 7)], Stop);
        string?[] reasons =
        [
            null, "nowhere.jpg does not exist", "empty.jpg has 0 bytes", "'../up.jpg' is not a name below it", "the scheme https://", "/dev/zero", null,
        ];
        Assert.All(reasons.Zip(content.Reasons!), both => Assert.Contains(both.First ?? "", both.Second ?? "", StringComparison.Ordinal));
        Assert.Equal(reasons.Select(reason => reason is null), content.Reasons!.Select(reason => reason is null));
        Assert.Equal(ShardDirectory.Record("x.jsonl", 1).Image1, content.Images1[^1]);
    }

    [Theory]
    [InlineData("s3://bucket/lists/x.jsonl", "images/a.jpg", "s3://bucket/lists/images/a.jpg")]
    [InlineData("s3://bucket/x.jsonl", "a.jpg", "s3://bucket/a.jpg")]
    [InlineData("s3://bucket/lists/x.jsonl", "./images/./a@2.jpg", "s3://bucket/lists/images/a@2.jpg")]
    [InlineData("az://account/container/x.jsonl", "a.jpg", "az://account/container/a.jpg")]
    [InlineData("s3://bucket/x.jsonl", "az://account/container/a.jpg", "az://account/container/a.jpg")]
    [InlineData("/data/x.jsonl", "a.jpg", "/data/a.jpg")]
    [InlineData("/x.jsonl", "a.jpg", "/a.jpg")]
    [InlineData("/data/x.jsonl", "/other/a.jpg", "/other/a.jpg")]
    [InlineData("/data/x.jsonl", "s3://bucket/a.jpg", "s3://bucket/a.jpg")]
    public void Addresses_are_relative_to_the_list_or_absolute(string list, string image, string expected) =>
        Assert.Equal(expected, ImageAddress.Resolve(StorageUri.Parse(list), image).ToString());

    [Theory]
    [InlineData("s3://bucket/x.jsonl", "/etc/passwd")]
    [InlineData("s3://bucket/x.jsonl", "file:///etc/passwd")]
    [InlineData("/data/x.jsonl", "../a.jpg")]
    [InlineData("/data/x.jsonl", ".")]
    [InlineData("/data/x.jsonl", "file:///a%00b")]
    [InlineData("/data/x.jsonl", "az://a b/c/d.png")]
    [InlineData("/data/x.jsonl", "http://host/a.jpg")]
    public void Addresses_that_lead_elsewhere_are_refused(string list, string image) =>
        Assert.Throws<RunException>(() => ImageAddress.Resolve(StorageUri.Parse(list), image));

    [Fact]
    public async Task A_file_that_was_replaced_since_it_was_scanned_is_no_pair()
    {
        var path = _shards.WriteLines("x.jsonl", 0, [Sound, Sound, Sound]);
        var group = Assert.Single(await Scan(path)).Place;
        _shards.WriteLines("x.jsonl", 0, [Sound[..40], Sound]);
        var failure = await Assert.ThrowsAsync<RunException>(async () => await Open(path).ReadAsync(group, [0, 1, 2], Stop));
        Assert.Equal(ExitClass.DataError, failure.ExitClass);
    }
}
