using DiffusionDpo.Models.Scorers.Preprocessing;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Scorers;

/// <summary>What makes a number of an image's direction in CLIP's space, and of a prompt's.</summary>
internal interface IScoringRule : IDisposable
{
    /// <summary>What the image encoder sees of an image.</summary>
    IImagePreprocessing Preprocessing { get; }

    /// <summary>Whether prompts count.</summary>
    bool LooksAtPrompts { get; }

    /// <summary>What the rule adds to the identity of scores: its name, the hash of its own weights.</summary>
    string Identity { get; }

    /// <summary>Higher is better.</summary>
    /// <param name="embeddings">n images, and the prompt of each.</param>
    /// <returns>[n].</returns>
    Tensor Score(ScoredEmbeddings embeddings);
}
