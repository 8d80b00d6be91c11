using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>What a denoising network is told of an image besides its noisy latent and the timestep. The tensors belong to whoever made them.</summary>
/// <param name="TextStates">States of every token [N, S, W], in the network's number format.</param>
public sealed record Conditioning(Tensor TextStates)
{
    /// <summary>The prompt as one vector [N, P]; null for families that have none.</summary>
    public Tensor? PooledText { get; init; }

    /// <summary>
    /// Sizes of the image [N, 6] (Podell et al. 2023, section 2.2): original height and width, top and left of the crop, height and width that are
    /// drawn; [N, 5] of the refiner, whose last number is an aesthetic score. Null for families that have none.
    /// </summary>
    public Tensor? TimeIds { get; init; }

    /// <summary>The rows [0, N) again and again, as winners and losers share a prompt.</summary>
    /// <param name="copies">How often.</param>
    public Conditioning Repeat(long copies) => new(TextStates.repeat(copies, 1, 1))
    {
        PooledText = PooledText?.repeat(copies, 1),
        TimeIds = TimeIds?.repeat(copies, 1),
    };

    /// <summary>The rows of this one, then those of another of the same family.</summary>
    /// <param name="next">The other.</param>
    public Conditioning Followed(Conditioning next) => new(cat([TextStates, next.TextStates]))
    {
        PooledText = PooledText is null ? null : cat([PooledText, next.PooledText!]),
        TimeIds = TimeIds is null ? null : cat([TimeIds, next.TimeIds!]),
    };

    /// <summary>The tensors that are there.</summary>
    public Tensor[] Tensors() => [.. new[] { TextStates, PooledText, TimeIds }.OfType<Tensor>()];
}
