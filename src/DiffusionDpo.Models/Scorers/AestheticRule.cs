using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Scorers.Preprocessing;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Scorers;

/// <summary>
/// The aesthetic predictor of LAION (Schuhmann 2022): a small network on the direction of the image, about 1 to 10. Prompts do not count.
/// </summary>
internal sealed class AestheticRule : IScoringRule
{
    private readonly AestheticHead head;

    private AestheticRule(AestheticHead head, IImagePreprocessing preprocessing)
    {
        this.head = head;
        Preprocessing = preprocessing;
    }

    /// <inheritdoc/>
    public IImagePreprocessing Preprocessing { get; }

    /// <inheritdoc/>
    public bool LooksAtPrompts => false;

    /// <inheritdoc/>
    public string Identity => $"aesthetic {head.Hash}";

    public static IScoringRule Of(ScorerParts parts)
    {
        string path = parts.Source.Head ?? throw new RunException(ExitClass.ConfigurationError, "the aesthetic scorer has no head; name its .safetensors file (data.feedback.head)");
        AestheticHead head = AestheticHead.Read(path);
        if (head.Width == parts.Clip.Config.ProjectionDim) return new AestheticRule(head, new OpenAiPreprocessing(parts.Clip.Config.Vision.ImageSize));
        using (head)
        {
            throw new RunException(
                ExitClass.ConfigurationError,
                $"{path} is a head for embeddings of width {head.Width}, and those of {parts.Clip.Path} have {parts.Clip.Config.ProjectionDim}; the published heads belong to CLIP ViT-L/14 (768)");
        }
    }

    /// <inheritdoc/>
    public Tensor Score(ScoredEmbeddings embeddings) => head.Score(embeddings.Images);

    /// <inheritdoc/>
    public void Dispose() => head.Dispose();
}
