using DiffusionDpo.Cli.Reports;
using Science.Experiments;
using Science.Reporting;
using Science.Statistics;

namespace Science.ClosedForm;

/// <summary>The closed-form optimum of a Gaussian problem over the timesteps.</summary>
public sealed class ClosedFormExperiment : IExperiment
{
    private const double Allowed = 0.01;

    private static readonly int[] s_timesteps = [50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950];
    private static readonly long[] s_seeds = [1, 2, 3, 4, 5];

    public string Name => "closed-form";

    public Section Run(Laboratory laboratory)
    {
        Row[] rows = [.. s_timesteps.Select(timestep => Solve(timestep, laboratory))];
        return new()
        {
            Title = "Closed-form optimum of a Gaussian",
            Question = "Does the objective have its optimum where theory puts it at every timestep, and only if winner and loser share their noise?",
            Setup = """
                Data N(0.3, 1) in one dimension, Bradley–Terry labels of slope k = 1.5 (eq. 3), exact reference, policy ε_ref − δ, the product's objective (eq. 14) at β = 2 in float64.
                With shared noise the population optimum is δ* = k·v/(2·b·σ_t·α_t), v = α²s² + σ², b = β/2: sign, factor ½, norm, schedule and sharing in one number.
                The minimum is that of the loss over 200,000 pairs. Negative control: independent noise for winner and loser, whose optimum solves a one-dimensional
                equation (quadrature, no sampling) and lies below δ*.
                """,
            Seeds = $"seeds {string.Join(", ", s_seeds)}; intervals over seeds (Student's t)",
            Tables =
            [
                new(["t", "δ*", "found / δ*, shared noise", "found / δ*, independent noise", "predicted"], [.. rows.Select(row => new[]
                {
                    $"{row.Timestep}", $"{row.Expected:F4}", row.Shared.ToString("F4"), row.Independent.ToString("F4"), $"{row.Predicted:F4}",
                })]),
            ],
            Plots =
            [
                new("closed-form.svg", "Optimum found, as a share of the closed form", "timestep t", "found / δ*",
                [
                    new("shared noise: theory", [.. rows.Select(row => ((double)row.Timestep, 1.0))]) { IsExact = true },
                    new("independent noise: theory", [.. rows.Select(row => ((double)row.Timestep, row.Predicted))]) { IsExact = true },
                    Marks("shared noise: found", rows, row => row.Shared), Marks("independent noise: found", rows, row => row.Independent),
                ]) { ColoursRepeatAfter = 2 },
            ],
            Refutation = "a ratio off the line of shared noise at any t (a wrong factor in β, norm or schedule moves all of them), or on that line with independent noise.",
            Checks =
            [
                Check("shared noise: largest |mean − 1| over t", rows, row => row.Shared.Value - 1),
                Check("independent noise: largest |mean − predicted| over t", rows, row => row.Independent.Value - row.Predicted),
            ],
        };
    }

    private static Row Solve(int timestep, Laboratory laboratory)
    {
        var exact = new GaussianProblem(laboratory.Schedule);
        var row = new Row(timestep, exact.Expected(timestep), Share(true), Share(false), exact.ExpectedShareWithoutSharing(timestep));
        laboratory.Say($"t = {timestep}: shared {row.Shared}, independent {row.Independent}, predicted {row.Predicted:F3}");
        return row;

        Interval Share(bool shared) => Interval.OfRepetitions(
            [.. s_seeds.Select(seed => new GaussianProblem(laboratory.Schedule) { Samples = 200_000, Seed = seed }.Optimum(timestep, shared) / exact.Expected(timestep))]);
    }

    private static Check Check(string claim, Row[] rows, Func<Row, double> difference)
    {
        double worst = rows.Max(row => Math.Abs(difference(row)));
        return new($"{claim} ≤ {Allowed}", $"{worst:F4}", worst <= Allowed);
    }

    private static Series Marks(string name, Row[] rows, Func<Row, Interval> of) =>
        new(name, [.. rows.Select(row => ((double)row.Timestep, of(row).Value))]) { Intervals = [.. rows.Select(row => (of(row).Low, of(row).High))] };

    private sealed record Row(int Timestep, double Expected, Interval Shared, Interval Independent, double Predicted);
}
