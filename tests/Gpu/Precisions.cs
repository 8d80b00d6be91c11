using DiffusionDpo.Training.Steps;
using static TorchSharp.torch;

namespace Gpu;

/// <summary>At the first step policy and reference give the same bits, so every logit is 0 and every loss ln 2; later ones move.</summary>
internal static class Precisions
{
    private const int Steps = 5;

    public static IEnumerable<Check> On(Device device)
    {
        foreach (ScalarType format in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
        {
            using SmallStep step = new(device, format);
            StepReport first = step.Run();
            yield return new($"{format}: loss and margin of the first step", $"{first.Loss:G9}, {first.RewardMargin:G3}", "ln 2 and 0 to the bit", first.Loss == MathF.Log(2) && first.RewardMargin == 0);
            StepReport last = first;
            for (int i = 1; i < Steps; i++) last = step.Run();
            yield return new($"{format}: margin after {Steps} steps", $"{last.RewardMargin:G3}", "finite, not 0", double.IsFinite(last.RewardMargin) && last.RewardMargin != 0);
        }
    }
}
