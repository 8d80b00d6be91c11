using DiffusionDpo.Cli.Display;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Display;

public sealed class PlainDisplayTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly SetClock _clock = new();

    private string[] Lines => _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void Every_notice_is_a_line_with_its_time()
    {
        using PlainDisplay display = new(_output, _clock);
        display.Show(Notice.Of("a", "first"));
        display.Show(Notice.Of("b", "second"));
        Assert.Equal(["2026-01-02T03:04:05Z first", "2026-01-02T03:04:05Z second"], Lines);
    }

    [Fact]
    public void Steps_are_thinned_but_the_last_is_always_shown()
    {
        using PlainDisplay display = new(_output, _clock);
        display.Show(Steps.At(1));
        display.Show(Steps.At(2));
        _clock.Forward(4.9);
        display.Show(Steps.At(3));
        _clock.Forward(0.1);
        display.Show(Steps.At(4));
        display.Show(Steps.At(100));
        Assert.Equal(["step 1/100", "step 4/100", "step 100/100"], Lines.Select(line => string.Join(' ', line.Split(' ')[1..3])));
    }

    public void Dispose() => _output.Dispose();
}
