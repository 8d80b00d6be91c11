using DiffusionDpo.Cli.Tests.Scenarios;

namespace DiffusionDpo.Cli.Tests.BadInput;

/// <summary>One thing a user may get wrong, and what must come of it.</summary>
/// <param name="ExitCode">How the process ends.</param>
/// <param name="Arrange">Makes the mistake in a workspace: the text of the fine-tune to run.</param>
/// <param name="Says">What the one line of error must contain: the place and the remedy; WORK stands for the workspace.</param>
internal sealed record BadInputCase(int ExitCode, Func<Workspace, TinyFineTune, string> Arrange, params string[] Says);
