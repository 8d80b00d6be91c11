using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>Hand-overs between two whole operators under load, at random moments.</summary>
public sealed class HandOverTests
{
    [Fact]
    public async Task Only_the_holder_of_the_Lease_writes_no_attempt_runs_beside_another_and_every_fine_tune_completes()
    {
        var seeds = Number("DDPO_HISTORIES") ?? (Environment.GetEnvironmentVariable("DDPO_LONG") == "1" ? 60 : 3);
        var first = Number("DDPO_SEED") ?? 1;
        var (handOvers, writes) = (0, 0);
        for (var seed = first; seed < first + seeds; seed++)
        {
            var played = await PlayAsync(seed);
            handOvers += played.HandOvers;
            writes += played.Audit.Writes.Values.Sum();
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{seeds} histories, {handOvers} hand-overs, {writes} writes");
        Assert.True(handOvers >= seeds, $"only {handOvers} hand-overs");
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var given) ? given : null;

    private static async Task<HandOverHistory> PlayAsync(int seed)
    {
        await using var cluster = await EmulatedCluster.StartAsync(gpus: 64);
        HandOverHistory history = new(cluster, seed);
        try
        {
            await history.PlayAsync();
            Assert.Empty(history.Audit.Violations);
            Assert.All(history.Outcome(), one =>
            {
                Assert.Equal(FineTunePhase.Complete, one.Phase);
                Assert.Equal(HandOverHistory.Expected(one.FineTune), one.Classes);
            });
            return history;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}:\n{history.Story}\n{e.Message}", e);
        }
    }
}
