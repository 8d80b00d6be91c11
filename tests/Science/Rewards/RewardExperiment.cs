using DiffusionDpo.Cli.Reports;
using Science.Experiments;
using Science.Mixtures;
using Science.Reporting;
using Science.Statistics;

namespace Science.Rewards;

/// <summary>The implicit reward of held-out samples against the true one.</summary>
public sealed class RewardExperiment : IExperiment
{
    private const double AllowedExact = 0.05, LeastRank = 0.9, LeastSlope = 0.6, MostSlope = 1.2;

    private static readonly long[] s_seeds = [11, 12, 13];

    public string Name => "rewards";

    public Section Run(Laboratory laboratory)
    {
        Policy[] policies =
        [
            new("p* itself (no training)", Exact(laboratory)),
            new("weights only", laboratory.Outcomes([.. s_seeds.Select(seed => new RingRun(false, 1, 0, seed))])),
            new("free network", laboratory.Outcomes([.. s_seeds.Select(seed => new RingRun(true, 1, 0, seed))])),
            new("free network, shuffled labels", laboratory.Outcomes([.. s_seeds.Select(seed => new RingRun(true, 1, 0.5, seed))])),
        ];
        double offset = -Math.Log(RingMixture.Rewards.Average(Math.Exp));
        return new()
        {
            Title = "Recovered reward",
            Question = "Is the implicit reward of samples that were never trained on, −½·β·(E_θ − E_ref), the reward that the labels were drawn from?",
            Setup = """
                The policies of the mixture at λ = 1 (no new training), and the exact optimum p* in their place, which tests the derivation λ = β/(Λ·d) without any training.
                24 held-out samples of each of the 8 modes; each one's errors averaged over 512 draws of (t, ε), t uniform in ln SNR, the same for policy and reference.
                Theory for p*: implicit reward = r − λ·ln E_ref[exp(r/λ)], slope 1 and a known intercept (eq. 5, with the likelihood's bound for the likelihood).
                """,
            Seeds = $"seeds {string.Join(", ", s_seeds)}; intervals: bootstrap over the held-out samples of all seeds",
            Tables = [new(["policy", "slope", "intercept (theory " + offset.ToString("F3") + ")", "Spearman, samples", "Spearman, means of modes"], [.. policies.Select(policy => new[]
            {
                policy.Name, $"{policy.Slope}", $"{policy.Intercept:F3}", $"{policy.Rank}", $"{policy.RankOfModes:F3}",
            })])],
            Plots = [Picture(policies, offset)],
            Reading = """
                Policies trained with a finite number of draws stay below slope 1 (the mixture's second table). The free network gives the disliked modes their reward and the liked ones too
                little, with an intercept below theory's: it learns more by worsening what was disliked than by improving what was liked, which differences do not see.
                """,
            Refutation = "a slope of p* other than 1 (then λ = β/(Λ·d), the ½ or the norm is wrong); ranks of a trained policy that do not follow the reward; a slope under shuffled labels.",
            Checks =
            [
                new($"p*: |slope − 1| ≤ {AllowedExact}", $"{policies[0].Slope}", Math.Abs(policies[0].Slope.Value - 1) <= AllowedExact),
                new($"p*: |intercept − theory| ≤ {AllowedExact}", $"{policies[0].Intercept:F3}", Math.Abs(policies[0].Intercept - offset) <= AllowedExact),
                .. policies[1..3].SelectMany(Trained),
                new("shuffled labels: |slope| ≤ 0.15", $"{policies[3].Slope}", Math.Abs(policies[3].Slope.Value) <= 0.15),
            ],
        };
    }

    private static IEnumerable<Check> Trained(Policy policy)
    {
        yield return new($"{policy.Name}: Spearman of the modes' means ≥ {LeastRank}", $"{policy.RankOfModes:F3}", policy.RankOfModes >= LeastRank);
        yield return new($"{policy.Name}: slope between {LeastSlope} and {MostSlope}", $"{policy.Slope}", policy.Slope.Value is >= LeastSlope and <= MostSlope);
    }

    private static RingOutcome[] Exact(Laboratory laboratory) =>
    [
        .. s_seeds.Select(seed =>
        {
            using var optimum = new TiltedMixture(laboratory.Mixture, RingMixture.TiltedWeights(1));
            return RingOutcome.Of(optimum, new(false, 1, 0, seed) { Samples = 1000 }, laboratory.Mixture, laboratory.Schedule);
        }),
    ];

    private static Plot Picture(Policy[] policies, double offset)
    {
        double[] rewards = [.. RingMixture.Rewards.Order()];
        return new("rewards.svg", "Implicit reward of held-out samples", "true reward", "implicit reward, mean and interval of each mode",
            [
                new("theory: slope 1", [.. rewards.Select(reward => (reward, reward + offset))]) { IsExact = true, Neutral = 0 },
                .. policies.Select((policy, at) => policy.Marks((at - 1.5) * 0.015)),
            ]);
    }

    private sealed record Policy(string Name, RingOutcome[] Outcomes)
    {
        private readonly RecoveredReward[] samples = [.. Outcomes.SelectMany(outcome => outcome.Recovered)];

        public Interval Slope => Bootstrap(Regression.Slope);

        public Interval Rank => Bootstrap(Regression.Spearman);

        public double RankOfModes => Regression.Spearman(RingMixture.Rewards, [.. Enumerable.Range(0, RingMixture.Modes).Select(Mean)]);

        /// <summary>At a true reward of 0; the rewards' mean is 0.</summary>
        public double Intercept => Enumerable.Range(0, RingMixture.Modes).Average(Mean);

        /// <summary>Moved aside a little, so that policies do not cover each other.</summary>
        public Series Marks(double aside)
        {
            (double X, Interval Y)[] marks = [.. Enumerable.Range(0, RingMixture.Modes).Select(mode => (RingMixture.Rewards[mode] + aside, Over(mode))).OrderBy(mark => mark.Item1)];
            return new(Name, [.. marks.Select(mark => (mark.X, mark.Y.Value))]) { Intervals = [.. marks.Select(mark => (mark.Y.Low, mark.Y.High))] };
        }

        private double Mean(int mode) => samples.Where(sample => sample.Mode == mode).Average(sample => sample.Reward);

        private Interval Over(int mode)
        {
            double[] values = [.. samples.Where(sample => sample.Mode == mode).Select(sample => sample.Reward)];
            return Interval.Bootstrap(values.Length, drawn => drawn.Average(i => values[i]), mode);
        }

        private Interval Bootstrap(Func<IReadOnlyList<double>, IReadOnlyList<double>, double> statistic) => Interval.Bootstrap(
            samples.Length, drawn => statistic([.. drawn.Select(i => RingMixture.Rewards[samples[i].Mode])], [.. drawn.Select(i => samples[i].Reward)]), 1);
    }
}
