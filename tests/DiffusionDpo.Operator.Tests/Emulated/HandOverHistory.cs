using DiffusionDpo.Api.FineTunes;
using KubeApi.Cluster.Kubelets;

namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>
/// Two operators with leader election, fine-tunes that are created and run, and trouble at random moments, most of it the leader's: also just
/// before and just after one of its writes. Renewals are late or get lost, watches break, bring things late or twice, or fall silent.
/// </summary>
internal sealed class HandOverHistory(EmulatedCluster cluster, int seed)
{
    private const int FineTunes = 6;
    private const int Troubles = 6;
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(500);
    private readonly Random _random = new(seed);
    private readonly List<Replica> _running = [];
    private readonly List<(DateTimeOffset At, Action What)> _agenda = [];
    private readonly List<string> _told = [];

    /// <summary>What happened, for whoever looks into a failure.</summary>
    public string Story => string.Join('\n', _told);

    /// <summary>How often the work went from one replica to another.</summary>
    public int HandOvers { get; private set; }

    public LeaseAudit Audit { get; private set; } = null!;

    private DateTimeOffset Now => cluster.Clock.GetUtcNow();

    public async Task PlayAsync()
    {
        cluster.Runtime.Script = Script;
        for (var i = 0; i < 2; i++) _running.Add(cluster.StartOperator(elects: true));
        await cluster.RestAsync();
        Audit = new LeaseAudit(cluster.Server, new SeededFaults(seed));
        cluster.Server.Faults.Schedule = Audit;
        cluster.IsDisturbed = true;
        for (var i = 0; i < FineTunes; i++)
        {
            var yaml = EmulatedCluster.FirstYaml.Replace("first", Name(i), StringComparison.Ordinal);
            At(Within(90), () => cluster.ApplyAsync(yaml).GetAwaiter().GetResult());
        }

        var last = TimeSpan.Zero;
        for (var i = 0; i < Troubles; i++) At(last += TimeSpan.FromSeconds(5) + Within(30), Befall);
        At(last + TimeSpan.FromSeconds(60), () => Audit.HasFaults = false);
        await PassAsync(() => _agenda.Count == 0 && Enumerable.Range(0, FineTunes).All(IsOver));
    }

    /// <summary>How the attempts of a fine-tune end where nobody is in each other's way: every third fine-tune's first one fails.</summary>
    public static IReadOnlyList<string> Expected(int fineTune) => fineTune % 3 == 0 ? ["StorageError", "Succeeded", "Succeeded"] : ["Succeeded", "Succeeded"];

    public IEnumerable<(int FineTune, FineTunePhase? Phase, IReadOnlyList<string?> Classes)> Outcome() => Enumerable.Range(0, FineTunes)
        .Select(i => (i, cluster.FineTune(Name(i)).Status.Phase, (IReadOnlyList<string?>)[.. cluster.FineTune(Name(i)).Status.Attempts.Select(a => a.Class)]));

    private static string Name(int fineTune) => $"tune-{fineTune}";

    private bool IsOver(int fineTune) => cluster.FineTune(Name(fineTune)).Status?.Phase is FineTunePhase.Complete or FineTunePhase.Failed;

    private static PodScript Script(PodRun pod)
    {
        var (fineTune, attempt) = (pod.Job[5] - '0', pod.Job[^1] - '0');
        return attempt == 1 && fineTune % 3 == 0
            ? PodScript.Exits(74, TimeSpan.FromSeconds(20 + fineTune))
            : PodScript.Exits(0, TimeSpan.FromSeconds(30 + 7 * fineTune));
    }

    private async Task PassAsync(Func<bool> isOver)
    {
        string? leader = null;
        for (var end = Now + TimeSpan.FromMinutes(30); !isOver() && Audit.Violations.Count == 0; cluster.Clock.Advance(s_tick))
        {
            if (Now >= end) throw new TimeoutException("the fine-tunes do not come to their end");
            await cluster.RestAsync();
            foreach (var what in TakeDue()) what();

            // As a Deployment does: a process that has ended is replaced by one with a name of its own.
            for (var i = 0; i < _running.Count; i++)
            {
                if (_running[i].Ended.IsCompleted || _running[i].IsKilled) _running[i] = cluster.StartOperator(elects: true);
            }

            if (_running.FirstOrDefault(replica => replica.IsLeader)?.Name is not { } now || now == leader) continue;
            if (leader is not null) HandOvers++;
            Tell($"{leader = now} leads");
        }
    }

    private void Befall()
    {
        var replica = _running.FirstOrDefault(one => one.IsLeader == (_random.Next(5) > 0)) ?? _running[0];
        var (trouble, length, atOnce) = ((Trouble)_random.Next(6), TimeSpan.FromSeconds(1) + Within(39), _random.Next(3) == 0);
        if (atOnce) Happen();
        else replica.Link.AtWrite(replica.Link.Writes + _random.Next(4), after: _random.Next(2) == 0, Happen);

        void Happen()
        {
            Tell($"{trouble} {replica.Name} for {length}");
            Begin(trouble, replica);
            if (trouble is Trouble.Cut or Trouble.Silence or Trouble.Pause or Trouble.Starve) At(length, () => End(trouble, replica));
        }
    }

    private static void Begin(Trouble trouble, Replica replica)
    {
        if (trouble is Trouble.Stop) replica.Stop();
        if (trouble is Trouble.Kill) replica.Kill();
        if (trouble is Trouble.Cut) replica.Link.Cut();
        if (trouble is Trouble.Silence or Trouble.Pause) replica.Link.Hold();
        if (trouble is Trouble.Pause or Trouble.Starve) replica.Time.Stall();
    }

    private static void End(Trouble trouble, Replica replica)
    {
        if (replica.IsKilled) return;
        replica.Time.GoOn();
        replica.Link.Restore(breaks: trouble is not Trouble.Pause);
    }

    private TimeSpan Within(int seconds) => TimeSpan.FromSeconds(_random.NextDouble() * seconds);

    private void At(TimeSpan fromNow, Action what)
    {
        lock (_agenda) _agenda.Add((Now + fromNow, what));
    }

    private IReadOnlyList<Action> TakeDue()
    {
        lock (_agenda)
        {
            List<Action> due = [.. _agenda.Where(one => one.At <= Now).OrderBy(one => one.At).Select(one => one.What)];
            _agenda.RemoveAll(one => one.At <= Now);
            return due;
        }
    }

    private void Tell(string what)
    {
        lock (_told) _told.Add($"{Now:HH:mm:ss.f} {what}");
    }
}
