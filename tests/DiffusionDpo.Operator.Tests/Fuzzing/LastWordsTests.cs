using CsCheck;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Tests.Modelling;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.Operator.Tests.Fuzzing;

/// <summary>
/// Whatever pods leave behind, and kubelets say of them: the run comes to a defined end, each status fits the schema and comes back as it was written, and
/// nothing unbounded or invisible reaches a status or an event.
/// </summary>
public sealed class LastWordsTests
{
    private static readonly int s_iterations = Environment.GetEnvironmentVariable("DDPO_LONG") == "1" ? 20_000 : 500;

    [Fact]
    public async Task Any_end_of_a_pod_is_classified_and_any_status_may_be_written()
    {
        using var schema = await StatusSchema.LoadAsync(Samples.FineTune());
        var heard = 0;
        Gen.Select(OddPods.Waits, OddPods.Ends, OddPods.Ends, TrainerWords.Answers).Sample(
            (waits, first, second, answer) => heard += WalkAsync(schema, waits, first, second, answer).GetAwaiter().GetResult() ? 1 : 0,
            iter: s_iterations,
            threads: 1);
        // Messages that nobody understands would prove nothing.
        Assert.InRange(heard, s_iterations / 10, s_iterations);
    }

    private static async Task<bool> WalkAsync(StatusSchema schema, Action<V1Pod> waits, Action<V1Pod, DateTime> first, Action<V1Pod, DateTime> second, string answer)
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        List<DpoFineTuneStatus> written = [];
        ModelCluster cluster = new(Samples.FineTune(), time) { Written = written.Add };
        using ModelOperator operators = new(cluster, time) { TrainerSays = answer };
        await operators.SettleAsync();
        waits(cluster.Pods[0]);
        await operators.PassAsync(TimeSpan.FromMinutes(1));
        cluster.RunPods();
        await operators.SettleAsync();
        await operators.PassAsync(TimeSpan.FromMinutes(1));
        cluster.End(0, first);
        cluster.End(1, second);
        await operators.SettleAsync();
        await operators.SettleAsync();

        var attempt = cluster.Status.Attempts[0];
        Assert.True(Enum.TryParse<AttemptClass>(attempt.Class, out var ended) && Enum.IsDefined(ended), attempt.Class);
        foreach (var status in written.TakeLast(3)) await schema.AssertTakesAsync(status);
        foreach (var text in cluster.Events.Concat(cluster.Status.Conditions.Select(c => c.Message)).Append(attempt.Message ?? ""))
        {
            Assert.True(text.Length <= 4096, text);
            Assert.DoesNotContain(text, c => char.IsControl(c) || c is '\u202e' or '\u2028');
        }

        return cluster.Status.LastCheckpoint is not null;
    }
}
