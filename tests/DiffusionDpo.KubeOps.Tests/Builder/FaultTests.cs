using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Tests.Client;
using k8s.Models;
using KubeApi;

namespace DiffusionDpo.KubeOps.Tests.Builder;

public sealed class FaultTests
{
    private const int Rounds = 15;
    private const int WritesPerRound = 25;

    /// <summary>Streams cut at any byte, answers refused, 410 in both forms, garbage: after it the cache is what the server has, and was told so.</summary>
    [Fact]
    public async Task Under_faults_no_object_is_missed_and_none_is_a_ghost()
    {
        ApiServer server = new(new ApiServerOptions());
        using var user = new Connected("http://emulator.invalid", server.CreateHandler);
        FaultyHandler faulty = new(server.CreateHandler(), seed: 1) { IsOn = true };
        await using var running = await RunningOperator.StartAsync(server, () => faulty);
        Dictionary<string, string> model = [];
        Dictionary<ObjectKey, MapView> told = [];
        running.Owned.Changed += (key, _, after) =>
        {
            if (after is null) told.Remove(key);
            else told[key] = after;
        };
        var random = new Random(7);
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < WritesPerRound; i++) await WriteAsync(random.Next(3) == 0 ? running.Client : user.Client, random, model);
            await RunningOperator.UntilAsync(() => Shown(running.Owned.List()).SequenceEqual(Shown(model)));
            Assert.Equal(Shown(model), Shown(told.Values));
        }

        Assert.True(faulty.Faults > 500, $"only {faulty.Faults} faults");
        TestContext.Current.TestOutputHelper?.WriteLine($"{faulty.Faults} faults");
    }

    private static async Task WriteAsync(IApiClient client, Random random, Dictionary<string, string> model)
    {
        string name = $"s{random.Next(40)}";
        if (model.ContainsKey(name) && random.Next(3) == 0)
        {
            await client.DeleteAsync<V1Secret>(new ObjectKey("default", name), new Deletion(), TestContext.Current.CancellationToken);
            model.Remove(name);
            return;
        }

        string value = $"{random.Next(1000)}";
        await client.ApplyAsync(RunningOperator.Secret(name, "mine", value), TestContext.Current.CancellationToken);
        model[name] = value;
    }

    private static IEnumerable<string> Shown(IEnumerable<MapView> views) => views.Select(view => $"{view.Key.Name}={view.Value}").Order(StringComparer.Ordinal);

    private static IEnumerable<string> Shown(Dictionary<string, string> model) => model.Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal);
}
