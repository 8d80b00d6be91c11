namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>A running pod, as scripts see it.</summary>
internal sealed record PlayedPod(string Stage, int Attempt, int Index);
