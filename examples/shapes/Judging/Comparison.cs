using DiffusionDpo.Models.Images;
using Shapes.Drawing;

namespace Shapes.Judging;

/// <summary>What the judge saw in samples of a base and of a fine-tuned model that started from the same noise.</summary>
/// <param name="Before">Of the base model.</param>
/// <param name="After">Of the fine-tuned model.</param>
internal sealed record Comparison(Judgement Before, Judgement After)
{
    private const int Samples = 256;
    private const int OnSheet = 48;
    private const int Columns = 8;
    private const int DrawingsForJudge = 1000;

    /// <summary>Draws, looks, and writes the first samples as before.png and after.png.</summary>
    /// <param name="baseModel">The base model's directory.</param>
    /// <param name="fineTuned">The fine-tuned model's directory.</param>
    /// <param name="pictures">Where the pictures go.</param>
    public static Comparison Of(string baseModel, string fineTuned, string pictures)
    {
        Directory.CreateDirectory(pictures);
        return new(Look(baseModel, Path.Combine(pictures, "before.png")), Look(fineTuned, Path.Combine(pictures, "after.png")));
    }

    /// <summary>Draws samples of a model, writes the first of them, and looks.</summary>
    /// <param name="model">The model's directory.</param>
    /// <param name="picture">The picture's file.</param>
    internal static Judgement Look(string model, string picture)
    {
        IReadOnlyList<(ShapeKind Asked, RgbImage Image)> samples = Gallery.Draw(model, Samples);
        Gallery.Write(picture, [.. samples.Take(OnSheet).Select(one => one.Image)], Columns);
        return Judgement.Of(samples);
    }

    /// <summary>Says what was seen.</summary>
    /// <param name="output">Where to.</param>
    public void Tell(TextWriter output)
    {
        Share own = Judgement.OwnAccuracy(DrawingsForJudge);
        output.WriteLine($"{Samples} samples of each model from the same noise, judged by their pixels alone");
        output.WriteLine($"(the judge names shape and colour of {own.Count:N0} in {own.Of:N0} drawings of the data right), with 95 % intervals:");
        output.WriteLine($"  {"",-8}{"warm colour",-24}{"right shape",-24}colours");
        Row("before", Before);
        Row("after", After);

        void Row(string name, Judgement seen) => output.WriteLine(
            $"  {name,-8}{seen.Warm,-24}{seen.RightShape,-24}{string.Join(", ", seen.Colors.Select(one => $"{one.Count} {one.Color.ToString().ToLowerInvariant()}"))}");
    }

    /// <summary>What falls short of a model that has learned the taste and still draws; empty when nothing does.</summary>
    public IEnumerable<string> ShortOfLearned() => Unmet(
        (Before.Warm.Value is >= 0.45 and <= 0.6, "the base model has a taste of its own: 45 to 60 % of its samples should be warm"),
        (After.Warm.Value >= 0.85, "the fine-tuned model did not learn the taste: at least 85 % of its samples should be warm"),
        (After.Warm.Low > Before.Warm.High, "the shares of warm samples could be the same: their intervals meet"),
        (Before.RightShape.Value >= 0.9, "the base model draws badly: at least 90 % of its shapes should be right"),
        (After.RightShape.Value >= Before.RightShape.Value - 0.05, "the fine-tuned model draws worse than its base by more than 5 points: too large a rate or too small a beta"));

    internal static IEnumerable<string> Unmet(params (bool IsMet, string Otherwise)[] conditions) => conditions.Where(one => !one.IsMet).Select(one => one.Otherwise);
}
