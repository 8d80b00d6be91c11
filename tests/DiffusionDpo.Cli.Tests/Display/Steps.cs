using DiffusionDpo.Cli.Display;

namespace DiffusionDpo.Cli.Tests.Display;

internal static class Steps
{
    public static StepProgress At(int step, double accuracy = 0.625, double secondsLeft = 42) => new(
        step, 100, 0.69314, accuracy, 0.375, -0.001, 0.002, 0.06, 12.345, 1e-5, 33.33, TimeSpan.FromSeconds(secondsLeft), new Dictionary<string, double> { ["data"] = 0.5 });
}
