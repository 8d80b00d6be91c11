using static TorchSharp.torch;

namespace DiffusionDpo.Models.Scorers;

/// <summary>What PickScores of images for one prompt say of preferences (Kirstain et al. 2023, equation 2).</summary>
public static class Preference
{
    /// <summary>How likely each image is preferred among those of its row.</summary>
    /// <param name="scores">[…, images].</param>
    /// <returns>The same shape; each row adds up to 1.</returns>
    public static Tensor Probabilities(Tensor scores) => scores.softmax(-1);
}
