using DiffusionDpo.Models.Clip;

namespace DiffusionDpo.Models.Scorers;

/// <summary>What a rule is made of.</summary>
/// <param name="Clip">The CLIP model, its weights unread.</param>
/// <param name="Source">Where things are, and the options.</param>
internal sealed record ScorerParts(ClipDirectory Clip, ScorerSource Source);
