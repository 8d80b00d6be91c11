using DiffusionDpo.Models.Scorers.Preprocessing;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Scorers;

/// <summary>
/// PickScore (Kirstain et al. 2023): the cosine times the model's own scale. Differences of two images' scores are log-odds of the first being
/// preferred (equation 2).
/// </summary>
internal sealed class PickScoreRule : IScoringRule
{
    private PickScoreRule(IImagePreprocessing preprocessing) => Preprocessing = preprocessing;

    /// <inheritdoc/>
    public IImagePreprocessing Preprocessing { get; }

    /// <inheritdoc/>
    public bool LooksAtPrompts => true;

    /// <inheritdoc/>
    public string Identity => "PickScore";

    public static IScoringRule Of(ScorerParts parts) =>
        new PickScoreRule(ImageProcessorConfig.Read(parts.Clip.FilePath("preprocessor_config.json"), parts.Clip.Config.Vision.ImageSize));

    /// <inheritdoc/>
    public Tensor Score(ScoredEmbeddings embeddings) => embeddings.Cosines * embeddings.Scale;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
