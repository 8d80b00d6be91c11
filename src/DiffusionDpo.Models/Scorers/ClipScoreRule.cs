using DiffusionDpo.Models.Scorers.Preprocessing;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Scorers;

/// <summary>CLIP score (Hessel et al. 2021), in the scale that is usual today: 100 times the cosine, and 0 where that is negative.</summary>
internal sealed class ClipScoreRule : IScoringRule
{
    private static readonly Scalar Hundred = 100;
    private static readonly Scalar Least = 0;

    private ClipScoreRule(IImagePreprocessing preprocessing) => Preprocessing = preprocessing;

    /// <inheritdoc/>
    public IImagePreprocessing Preprocessing { get; }

    /// <inheritdoc/>
    public bool LooksAtPrompts => true;

    /// <inheritdoc/>
    public string Identity => "CLIP score";

    public static IScoringRule Of(ScorerParts parts) =>
        new ClipScoreRule(ImageProcessorConfig.Read(parts.Clip.FilePath("preprocessor_config.json"), parts.Clip.Config.Vision.ImageSize));

    /// <inheritdoc/>
    public Tensor Score(ScoredEmbeddings embeddings) => embeddings.Cosines.mul(Hundred).clamp_min(Least);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
