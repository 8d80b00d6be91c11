namespace DiffusionDpo.Cli.Starting;

/// <summary>A field in a new fine-tune.</summary>
/// <param name="Path">Its place below <c>spec</c>.</param>
/// <param name="Value">What is written there; null: what holds by itself, as a comment.</param>
/// <param name="Note">What else is worth a comment.</param>
/// <param name="Stands">Written as it holds: every section has such a line, so that each of its comments becomes a setting by taking its # away.</param>
internal sealed record StarterLine(string Path, string? Value = null, string? Note = null, bool Stands = false);
