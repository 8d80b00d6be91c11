using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Data.Tests.Images;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Shared;
using static TorchSharp.torch;

namespace DiffusionDpo.Data.Tests.Feedback;

/// <summary>A small scorer with random weights has a taste too: rows of which it is known, each scored alone.</summary>
internal sealed class TasteOfAScorer(ScorerType type = ScorerType.PickScore) : IDisposable
{
    private readonly Dictionary<int, double> _margins = [];

    public Scorer Scorer { get; } = Load(type);

    public static Scorer Load(ScorerType type = ScorerType.PickScore) => Scorer.Load(Source(type));

    public static ScorerSource Source(ScorerType type = ScorerType.PickScore) => new(type, Goldens.Path("tiny-clip"))
    {
        Head = type == ScorerType.Aesthetic ? Goldens.Path("scorer", "aesthetic", "model.safetensors") : null,
    };

    /// <summary>A row of two different images; the label is what a function makes of the margin.</summary>
    public PickAPicRecord Row(int row, Func<int, double, double> label)
    {
        var record = ShardDirectory.Record("taste", row) with
        {
            Image0 = ImageEncoder.Png(Drawing.Of(24 + (row % 40), 32, 3 * row)), Image1 = ImageEncoder.Png(Drawing.Of(40, 24 + (row % 17), (3 * row) + 1)),
        };
        return record with { Label0 = label(row, Margin(row, record)) };
    }

    /// <summary>By how much the first image of a row is better.</summary>
    public double Margin(int row, PickAPicRecord record) =>
        _margins.TryGetValue(row, out var known) ? known : _margins[row] = Score(record.Image0!, record.Caption!) - Score(record.Image1!, record.Caption!);

    public double Score(byte[] image, string prompt)
    {
        using var scope = NewDisposeScope();
        var pixels = tensor(Scorer.Preprocess(ImageDecoder.DecodeWithAlpha(image)), [1, 3, Scorer.ImageSize, Scorer.ImageSize]);
        var prompts = Scorer.LooksAtPrompts ? Scorer.EmbedPrompts([prompt]) : null;
        return Scorer.Score(Scorer.EmbedImages(pixels), prompts).to(ScalarType.Float64).item<double>();
    }

    public void Dispose() => Scorer.Dispose();
}
