using System.Globalization;

namespace Shapes.Judging;

/// <summary>What the judge saw in samples of a base model and of models that were fine-tuned on shuffled labels, each with another seed.</summary>
/// <param name="Before">Of the base model.</param>
/// <param name="After">Of each fine-tuned model.</param>
internal sealed record Control(Judgement Before, IReadOnlyList<Judgement> After)
{
    private const double WidestInterval = 0.15; // half of it: a wider one would hold nearly anything

    /// <summary>The shares of warm samples over the runs.</summary>
    public Spread Warm => Spread.Of([.. After.Select(each => each.Warm.Value)]);

    /// <summary>Draws and looks; the first samples of all models are written as before.png and after-1.png and on.</summary>
    /// <param name="baseModel">The base model's directory.</param>
    /// <param name="fineTuned">Directories of fine-tuned models, at least two.</param>
    /// <param name="pictures">Where the pictures go.</param>
    public static Control Of(string baseModel, IReadOnlyList<string> fineTuned, string pictures)
    {
        Directory.CreateDirectory(pictures);
        return new(
            Comparison.Look(baseModel, Path.Combine(pictures, "before.png")),
            [.. fineTuned.Select((model, i) => Comparison.Look(model, Path.Combine(pictures, $"after-{i + 1}.png")))]);
    }

    /// <summary>Says what was seen.</summary>
    /// <param name="output">Where to.</param>
    public void Tell(TextWriter output)
    {
        output.WriteLine($"  {"",-8}{"warm colour",-24}{"right shape",-24}");
        output.WriteLine($"  {"before",-8}{Before.Warm,-24}{Before.RightShape,-24}");
        foreach ((int i, Judgement each) in After.Index()) output.WriteLine($"  {$"run {i + 1}",-8}{each.Warm,-24}{each.RightShape,-24}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Mean share of warm samples over {After.Count} runs: {Warm.Mean:P1}, 95 % interval {Warm.Low:P1} to {Warm.High:P1}, standard deviation of a run {Warm.Deviation:P1}"));
    }

    /// <summary>What falls short of models that have learned nothing, as they should from shuffled labels; empty when nothing does.</summary>
    public IEnumerable<string> ShortOfUnchanged() => Comparison.Unmet(
        (Warm.Low <= Before.Warm.Value && Before.Warm.Value <= Warm.High, "the mean share of warm samples is another than the base model's: its interval does not hold that"),
        (Warm.High - Warm.Mean <= WidestInterval, $"the runs differ so much that nothing can be said: the interval is wider than {100 * WidestInterval:F0} points either way; take more seeds"),
        (After.All(each => each.RightShape.Value >= Before.RightShape.Value - 0.05), "a fine-tuned model draws worse than its base by more than 5 points"));
}
