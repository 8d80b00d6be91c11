namespace DiffusionDpo.KubeApi.Tests.Replay;

/// <summary>An answer is not what was recorded.</summary>
internal sealed class Mismatch(string message) : Exception(message);
