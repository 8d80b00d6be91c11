using static TorchSharp.torch;

namespace DiffusionDpo.Models.TextEncoders;

/// <summary>What a text encoder says about a batch of prompts. The tensors belong to the caller's dispose scope.</summary>
/// <param name="LastHiddenState">[N, L, C], after the final layer norm: SD1.5's text states.</param>
/// <param name="HiddenStates">The embeddings and the output of each layer, each [N, L, C], before the final layer norm.</param>
/// <param name="PoolerOutput">[N, C]: the last hidden state at the first end-of-text token.</param>
public sealed record ClipTextOutput(Tensor LastHiddenState, IReadOnlyList<Tensor> HiddenStates, Tensor PoolerOutput)
{
    /// <summary>[N, P]: the projected <see cref="PoolerOutput"/>; null where the encoder has no projection.</summary>
    public Tensor? TextEmbeds { get; init; }
}
