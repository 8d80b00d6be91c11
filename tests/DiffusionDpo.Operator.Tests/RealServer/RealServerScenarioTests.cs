namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>The scenarios on a real API server, where there is one.</summary>
public sealed class RealServerScenarioTests(RealServer server) : ScenarioTests(server), IClassFixture<RealServer>;
