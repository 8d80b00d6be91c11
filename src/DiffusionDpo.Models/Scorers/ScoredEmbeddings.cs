using static TorchSharp.torch;

namespace DiffusionDpo.Models.Scorers;

/// <summary>What a rule looks at.</summary>
/// <param name="Images">[n, P]: directions of images, each of length 1.</param>
/// <param name="Prompts">[n, P]: the prompt of each; null for a rule that does not look at prompts.</param>
/// <param name="Scale">[]: what the model was trained to multiply cosines by.</param>
internal sealed record ScoredEmbeddings(Tensor Images, Tensor? Prompts, Tensor Scale)
{
    /// <summary>Cosine of the angle between each image and its prompt, [n].</summary>
    public Tensor Cosines => (Images * (Prompts ?? throw new InvalidOperationException("the rule says that it does not look at prompts"))).sum(1);
}
