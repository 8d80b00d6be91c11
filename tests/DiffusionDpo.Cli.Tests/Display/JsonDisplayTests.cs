using DiffusionDpo.Cli.Display;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Display;

public sealed class JsonDisplayTests : IDisposable
{
    private readonly StringWriter _output = new();

    [Fact]
    public void A_notice_without_fields_carries_its_text() => Shows(
        """{"time":"2026-01-02T03:04:05.0000000+00:00","event":"run","message":"größer & \"besser\""}""",
        display => display.Show(Notice.Of("run", "größer & \"besser\"")));

    [Fact]
    public void A_notice_with_fields_carries_them_instead() => Shows(
        """{"time":"2026-01-02T03:04:05.0000000+00:00","event":"train","pairs":3,"resumedFrom":null}""",
        display => display.Show(new Notice("train", "text", new Dictionary<string, object?> { ["pairs"] = 3, ["resumedFrom"] = null })));

    [Fact]
    public void Every_step_is_a_line() => Shows(
        """{"time":"2026-01-02T03:04:05.0000000+00:00","event":"step","step":3,"totalSteps":100,"loss":0.69314,"implicitAccuracy":0.625,"rewardMargin":0.375,"winnerErrorExcess":-0.001,"loserErrorExcess":0.002,"referenceError":0.06,"gradNorm":12.345,"learningRate":1E-05,"pairsPerSecond":33.33,"etaSeconds":42,"phaseSeconds":{"data":0.5}}""",
        display => display.Show(Steps.At(3)));

    [Fact]
    public void Numbers_that_JSON_does_not_have_stay_valid_JSON() => Shows(
        """{"time":"2026-01-02T03:04:05.0000000+00:00","event":"step","step":3,"totalSteps":100,"loss":"NaN","implicitAccuracy":null,"rewardMargin":0.375,"winnerErrorExcess":-0.001,"loserErrorExcess":0.002,"referenceError":0.06,"gradNorm":"Infinity","learningRate":1E-05,"pairsPerSecond":33.33,"etaSeconds":42,"phaseSeconds":{"data":0.5}}""",
        display => display.Show(Steps.At(3, accuracy: double.NaN) with { Loss = double.NaN, GradNorm = double.PositiveInfinity }));

    public void Dispose() => _output.Dispose();

    private void Shows(string expected, Action<JsonDisplay> show)
    {
        using JsonDisplay display = new(_output, new SetClock());
        show(display);
        Assert.Equal(expected + "\n", _output.ToString());
    }
}
