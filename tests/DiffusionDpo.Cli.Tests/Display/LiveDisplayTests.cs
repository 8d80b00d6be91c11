using DiffusionDpo.Cli.Display;
using Spectre.Console;
using Xunit;
using LiveDisplay = DiffusionDpo.Cli.Display.LiveDisplay;

namespace DiffusionDpo.Cli.Tests.Display;

public sealed class LiveDisplayTests : IDisposable
{
    private const string ClearLine = "\r\u001b[2K", HideCursor = "\u001b[?25l", ShowCursor = "\u001b[?25h";

    private readonly StringWriter _output = new();
    private readonly SetClock _clock = new();

    [Fact]
    public void A_step_stays_on_the_last_line_until_something_else_is_to_be_said()
    {
        using LiveDisplay display = Display(120);
        display.Show(Steps.At(50));
        string line = _output.ToString();
        Assert.Contains("━━━━━━━━━━━━──────────── step 50/100", line, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", line, StringComparison.Ordinal);
        display.Show(Notice.Of("checkpoint", "[saved]"));
        Assert.EndsWith($"{ClearLine}\u001b[1mcheckpoint \u001b[0m [saved]\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40, "step 50/100")]
    [InlineData(60, "step 50/100  42s left  loss 0.6931")]
    [InlineData(80, "step 50/100  42s left  loss 0.6931  accuracy 62 %")]
    [InlineData(90, "step 50/100  42s left  loss 0.6931  accuracy 62 %  33.3 pairs/s")]
    public void A_line_never_wraps_and_cuts_no_number(int width, string shown)
    {
        using LiveDisplay display = Display(width);
        display.Show(Steps.At(50));
        string line = _output.ToString().Replace(HideCursor, "", StringComparison.Ordinal);
        Assert.InRange(line.Length, 1, width - 1);
        Assert.EndsWith($"─ {shown}", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_are_thinned_but_the_last_is_always_shown()
    {
        using LiveDisplay display = Display(120);
        foreach (int step in (int[])[1, 2, 100]) display.Show(Steps.At(step));
        Assert.Contains("step 1/100", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("step 2/100", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("step 100/100", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_terminal_is_left_as_it_was()
    {
        using (LiveDisplay display = Display(120)) display.Show(Steps.At(50));
        Assert.StartsWith(HideCursor, _output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith($"\n{ShowCursor}", _output.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _output.Dispose();

    private LiveDisplay Display(int width)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(_output),
        });
        console.Profile.Width = width;
        return new(console, _clock);
    }
}
