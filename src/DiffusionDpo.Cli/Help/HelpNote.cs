namespace DiffusionDpo.Cli.Help;

/// <summary>What the help of a command tells besides its arguments and options.</summary>
/// <param name="ExitCodes">How it usually ends.</param>
/// <param name="Examples">Command lines that can be typed as they stand, each with what it is for.</param>
internal sealed record HelpNote(string ExitCodes, params IReadOnlyList<(string What, string Line)> Examples);
