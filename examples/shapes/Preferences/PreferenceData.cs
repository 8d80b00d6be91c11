using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;
using Shapes.Drawing;

namespace Shapes.Preferences;

/// <summary>
/// Preferences by a known rule: two drawings of the same shape in two colours; judges like warm colours better than cold ones, with
/// Bradley–Terry noise, so that no model can agree with more than <see cref="Ceiling"/> of the labels.
/// </summary>
internal static class PreferenceData
{
    /// <summary>Side of the images in pixels.</summary>
    public const int Side = 64;

    /// <summary>How strongly warm beats cold, in logits.</summary>
    public const double Taste = 4;

    /// <summary>Half of the pairs have two warm or two cold colours and are coin flips.</summary>
    public static double Ceiling => (0.5 * 0.5) + (0.5 / (1 + Math.Exp(-Taste)));

    /// <summary>Writes the quickstart's data: 2,000 training pairs in two shards, 200 held-out pairs in one.</summary>
    /// <param name="directory">Gets the folders train and held-out.</param>
    /// <param name="taste">Of the training pairs' judges; the held-out ones always have <see cref="Taste"/>.</param>
    public static void WriteAll(string directory, double taste)
    {
        Write(Path.Combine(directory, "train", "train-00000-of-00002.parquet"), 1000, seed: 1, taste);
        Write(Path.Combine(directory, "train", "train-00001-of-00002.parquet"), 1000, seed: 2, taste);
        Write(Path.Combine(directory, "held-out", "validation-00000-of-00001.parquet"), 200, seed: 3, Taste);
    }

    /// <summary>Writes 4,000 pairs without any preference, from which the base model learns to draw.</summary>
    /// <param name="directory">Where to.</param>
    public static void WriteBase(string directory) => Write(Path.Combine(directory, "train-00000-of-00001.parquet"), 4000, seed: 4, taste: 0);

    /// <summary>Comparisons of two drawings of the same shape.</summary>
    /// <param name="pairs">How many.</param>
    /// <param name="seed">Which.</param>
    /// <param name="taste">How strongly warm beats cold, in logits; 0: every label is a coin flip.</param>
    public static IEnumerable<PickAPicRecord> Pairs(int pairs, long seed, double taste) => Enumerable.Range(0, pairs).Select(index => Pair(seed, index, taste));

    /// <summary>A drawing of a given kind in a random colour and place.</summary>
    /// <param name="kind">What is drawn.</param>
    /// <param name="random">Where the chance comes from.</param>
    public static Shape Draw(ShapeKind kind, CounterRandom random) => new(
        kind,
        (ShapeColor)random.NextInt(4),
        CenterX: 0.4 + (0.2 * random.NextDouble()),
        CenterY: 0.4 + (0.2 * random.NextDouble()),
        Radius: 0.24 + (0.1 * random.NextDouble()),
        Turn: (random.NextDouble() - 0.5) * 0.4);

    private static void Write(string path, int pairs, long seed, double taste)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream shard = File.Create(path);
        PickAPicWriter.Write(shard, Pairs(pairs, seed, taste));
    }

    private static PickAPicRecord Pair(long seed, int index, double taste)
    {
        CounterRandom random = new(seed, 0, index, DrawPurpose.Synthesis);
        ShapeKind kind = (ShapeKind)random.NextInt(3);
        Shape first = Draw(kind, random);
        Shape second = Draw(kind, random);
        double logit = taste * ((first.Color.IsWarm() ? 1 : 0) - (second.Color.IsWarm() ? 1 : 0));
        bool firstWins = random.NextDouble() < 1 / (1 + Math.Exp(-logit));
        return new PickAPicRecord
        {
            Caption = first.Prompt,
            Image0 = Jpeg(first),
            Image1 = Jpeg(second),
            Label0 = firstWins ? 1 : 0,
        };
    }

    private static byte[] Jpeg(Shape shape) => ImageEncoder.Jpeg(new RgbImage(shape.Draw(Side), Side, Side), quality: 95);
}
