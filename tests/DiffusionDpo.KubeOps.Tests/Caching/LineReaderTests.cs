using System.IO.Pipelines;
using System.Text;
using DiffusionDpo.KubeOps.Caching;

namespace DiffusionDpo.KubeOps.Tests.Caching;

public sealed class LineReaderTests
{
    private const string Text = "one\n\ntwo is längér\n3\nhalf";

    [Fact]
    public async Task Lines_are_the_same_however_the_bytes_come()
    {
        var bytes = Encoding.UTF8.GetBytes(Text);
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second++)
            {
                var (a, b) = (first, second);
                Assert.Equal(["one", "two is längér", "3"], await ReadAsync([bytes[..a], bytes[a..b], bytes[b..]]));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16 << 10)]
    [InlineData((16 << 10) + 1)]
    [InlineData(1_500_000)]
    public async Task A_line_may_be_as_long_as_the_largest_object(int length)
    {
        string line = new('x', length);
        Assert.Equal([line, "y"], await ReadAsync(Encoding.UTF8.GetBytes(line + "\ny\n").Chunk(4096)));
    }

    [Fact]
    public async Task A_line_without_an_end_is_given_up() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Enumerable.Repeat(new byte[1 << 20], 20)));

    private static async Task<List<string>> ReadAsync(IEnumerable<byte[]> pieces)
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));
        var writing = WriteAsync(pipe.Writer, pieces);
        LineReader reader = new(pipe.Reader.AsStream());
        List<string> lines = [];
        while (await reader.ReadAsync(CancellationToken.None) is { } line) lines.Add(Encoding.UTF8.GetString(line.Span));
        await writing;
        return lines;
    }

    private static async Task WriteAsync(PipeWriter writer, IEnumerable<byte[]> pieces)
    {
        foreach (var piece in pieces)
        {
            await writer.WriteAsync(piece);
            await Task.Yield();
        }

        await writer.CompleteAsync();
    }
}
