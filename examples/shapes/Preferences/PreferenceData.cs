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

    /// <summary>Writes one shard.</summary>
    /// <param name="path">The parquet file.</param>
    /// <param name="pairs">How many pairs.</param>
    /// <param name="seed">Which pairs.</param>
    /// <param name="taste">How strongly warm beats cold, in logits; 0: every label is a coin flip.</param>
    public static void Write(string path, int pairs, long seed, double taste = Taste)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream shard = File.Create(path);
        PickAPicWriter.Write(shard, Enumerable.Range(0, pairs).Select(index => Pair(seed, index, taste)));
    }

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
