namespace DiffusionDpo.Data.Loading;

/// <summary>What was prepared of a pair, as bytes of tensors in the number format of the frozen networks.</summary>
/// <param name="Winner">Mean and logarithm of the variance of the preferred image's latents [2·C, h, w].</param>
/// <param name="Loser">Those of the other image.</param>
/// <param name="Text">Token states [S, W] of the prompt, then the pooled prompt [P] where the family has one.</param>
/// <param name="IsPromptEmpty">The caption is empty or was dropped.</param>
public sealed record CachedPair(byte[] Winner, byte[] Loser, byte[] Text, bool IsPromptEmpty);
