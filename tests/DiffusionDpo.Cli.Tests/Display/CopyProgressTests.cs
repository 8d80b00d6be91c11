using DiffusionDpo.Cli.Display;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Display;

public sealed class CopyProgressTests : IDisposable
{
    private const long Total = 4L << 30;

    private readonly SetClock _clock = new();
    private readonly StringWriter _output = new();

    public void Dispose() => _output.Dispose();

    [Fact]
    public void A_terminal_has_a_bar_that_goes_away_again()
    {
        using (CopyProgress progress = new(_output, isTerminal: true, _clock))
        {
            progress.Show(0, Total);
            Assert.Empty(_output.ToString());
            _clock.Forward(1);
            progress.Show(Total / 2, Total);
            progress.Show(Total - 1, Total);
        }

        Assert.Equal($"\r\u001b[2K{new string('━', 12)}{new string('─', 12)} 2.0 GiB of 4.0 GiB\r\u001b[2K", _output.ToString());
    }

    [Fact]
    public void A_log_has_a_line_every_few_seconds()
    {
        using (CopyProgress progress = new(_output, isTerminal: false, _clock))
        {
            for (int second = 0; second < 12; second++)
            {
                progress.Show(second << 20, Total);
                _clock.Forward(1);
            }
        }

        Assert.Equal(["written: 5.0 MiB of 4.0 GiB", "written: 10 MiB of 4.0 GiB", ""], _output.ToString().Split('\n'));
    }
}
