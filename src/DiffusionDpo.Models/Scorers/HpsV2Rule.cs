using DiffusionDpo.Models.Scorers.Preprocessing;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Scorers;

/// <summary>HPSv2 (Wu et al. 2023): the cosine, without the model's scale. The tables of its paper show 100 times that.</summary>
internal sealed class HpsV2Rule : IScoringRule
{
    private HpsV2Rule(IImagePreprocessing preprocessing) => Preprocessing = preprocessing;

    /// <inheritdoc/>
    public IImagePreprocessing Preprocessing { get; }

    /// <inheritdoc/>
    public bool LooksAtPrompts => true;

    /// <inheritdoc/>
    public string Identity => "HPSv2";

    public static IScoringRule Of(ScorerParts parts) => new HpsV2Rule(new HpsPreprocessing(parts.Clip.Config.Vision.ImageSize, parts.Source.Antialias));

    /// <inheritdoc/>
    public Tensor Score(ScoredEmbeddings embeddings) => embeddings.Cosines;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
