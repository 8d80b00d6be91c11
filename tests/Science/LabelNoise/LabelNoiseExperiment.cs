using DiffusionDpo.Cli.Reports;
using Science.Experiments;
using Science.Mixtures;
using Science.Reporting;
using Science.Statistics;

namespace Science.LabelNoise;

/// <summary>How much of the preference survives wrong labels.</summary>
public sealed class LabelNoiseExperiment : IExperiment
{
    private const double Noise = 0.02, AllowedExact = 0.1, AllowedNetwork = 0.3;

    private static readonly long[] s_seeds = [11, 12, 13];

    public string Name => "label-noise";

    public Section Run(Laboratory laboratory)
    {
        Row[] exact = [.. new[] { 0, 0.1, 0.2, 0.3, 0.4, 0.5 }.Select(flips => Row.Of(laboratory, false, flips))];
        Row[] network = [.. new[] { 0, 0.2, 0.4, 0.5 }.Select(flips => Row.Of(laboratory, true, flips))];
        double[] theory = [.. exact.Select(row => row.Flips)];
        return new()
        {
            Title = "Label noise",
            Question = "If a share of the labels is wrong, does the effect shrink as theory says, and does nothing else break?",
            Setup = """
                The mixture at λ = 1, labels flipped with probability f. Then P(i ≻ j) = f + (1 − 2f)·σ(r_i − r_j), and the optimum are the scores s whose σ(s_i − s_j) fits it best over all
                pairs (computed without sampling), with weights ∝ exp(s/λ). Asked: the mass on the four preferred modes (½ without training), and the share of pairs of
                modes, true order against the order of implicit rewards of held-out samples.
                """,
            Seeds = $"seeds {string.Join(", ", s_seeds)}; intervals over seeds (Student's t); settings were chosen on seeds 1 to 3, the thresholds tightened after a look at these",
            Tables = [new(["policy", "flipped", "mass on the preferred modes", "predicted", "pairs of samples in the true order"], [.. exact.Concat(network).Select(row => new[]
            {
                row.IsNetwork ? "free network" : "weights only", $"{row.Flips:P0}", $"{row.Preferred}", $"{row.Predicted:F3}", $"{row.Order}",
            })])],
            Plots =
            [
                new("label-noise.svg", "Mass on the four preferred modes", "share of labels that are flipped", "mass",
                [
                    new("predicted", [.. theory.Select(flips => (flips, Top(FlippedLabels.Weights(flips, 1))))]) { IsExact = true, Neutral = 0.5 },
                    Marks("weights only", exact, 0), Marks("free network", network, 0.004),
                ]),
            ],
            Reading = "Found lies below predicted by what a finite number of draws inside the sigmoid leaves (the mixture's second table). The order of the modes survives after most of the "
                + "strength is gone.",
            Refutation = "mass that moves the wrong way, stays when labels say nothing (f = ½), or shrinks otherwise than predicted.",
            Checks = [.. exact.Select(row => Check(row, AllowedExact)), .. network.Select(row => Check(row, AllowedNetwork))],
        };
    }

    private static Check Check(Row row, double allowed) => new(
        $"{(row.IsNetwork ? "free network" : "weights only")}, {row.Flips:P0} flipped: |mass − predicted| ≤ {Noise} + {allowed}·(predicted − ½)", $"{row.Preferred} against {row.Predicted:F3}",
        Math.Abs(row.Preferred.Value - row.Predicted) <= Noise + (allowed * (row.Predicted - 0.5)));

    private static Series Marks(string name, Row[] rows, double aside) => new(name, [.. rows.Select(row => (row.Flips + aside, row.Preferred.Value))])
    {
        Intervals = [.. rows.Select(row => (row.Preferred.Low, row.Preferred.High))],
    };

    private static double Top(IReadOnlyList<double> masses) => masses.Where((_, mode) => RingMixture.Rewards[mode] > 0).Sum();

    private sealed record Row(bool IsNetwork, double Flips, Interval Preferred, double Predicted, Interval Order)
    {
        public static Row Of(Laboratory laboratory, bool network, double flips)
        {
            RingOutcome[] outcomes = laboratory.Outcomes([.. s_seeds.Select(seed => new RingRun(network, 1, flips, seed))]);
            Interval Over(Func<RingOutcome, double> of) => Interval.OfRepetitions([.. outcomes.Select(of)]);
            return new(network, flips, Over(outcome => Top(outcome.Masses)), Top(FlippedLabels.Weights(flips, 1)), Over(InOrder));
        }

        private static double InOrder(RingOutcome outcome) => (
            from a in outcome.Recovered
            from b in outcome.Recovered
            where RingMixture.Rewards[a.Mode] > RingMixture.Rewards[b.Mode]
            select a.Reward > b.Reward ? 1.0 : 0).Average();
    }
}
