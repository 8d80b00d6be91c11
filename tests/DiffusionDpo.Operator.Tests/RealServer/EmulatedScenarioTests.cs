namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>The scenarios on the emulator.</summary>
public sealed class EmulatedScenarioTests(EmulatedServer server) : ScenarioTests(server), IClassFixture<EmulatedServer>;
