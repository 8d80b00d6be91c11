using DiffusionDpo.Cli.Reports;
using Science.Experiments;
using Science.Reporting;
using Science.Statistics;

namespace Science.Precision;

/// <summary>How far the float32 logit is from the float64 one.</summary>
public sealed class PrecisionExperiment : IExperiment
{
    private const double Beta = 5000, Allowed = 0.01;
    private const int Batch = 16;

    private static readonly double[] s_betas = [50, 500, 2000, 5000, 20_000, 50_000];

    public string Name => "precision";

    public Section Run(Laboratory laboratory)
    {
        LogitErrors errors = LogitErrors.Measure(laboratory.Schedule, Batch, laboratory.Say);
        Row[] rows = [.. s_betas.Select(beta => new Row(beta, errors.Float32(beta), errors.MicroBatches(beta)))];
        double[] half = errors.Rounded(Beta, TorchSharp.torch.ScalarType.Float16), brain = errors.Rounded(Beta, TorchSharp.torch.ScalarType.BFloat16);
        Row at = rows.Single(row => row.Beta == Beta);
        Interval worst = Interval.Bootstrap(at.Errors.Length, drawn => Quantile([.. drawn.Select(i => at.Errors[i])], 0.99), 1);
        return new()
        {
            Title = "float32 against float64",
            Question = "β multiplies a difference of nearly equal errors: is what float32 loses small against a logit of 1?",
            Setup = $"""
                The tiny SD1.5-shaped UNet of the goldens as reference, the goldens' policy, {LogitErrors.Pairs} pairs of drawn latents, errors near 1.3; the product's errors and objective (eq. 14). The same
                weights in float64 are the truth. Second column: the same pairs in micro-batches of 1 instead of {Batch}, float32 against float32: what another order of
                summation does. Last lines: the reference's error alone rounded to half precision before the difference is taken, as trainers do that reduce it in the networks' type.
                """,
            Seeds = "seed 7; intervals: bootstrap over pairs",
            Tables = [new(["β", "median error of the logit", "99 %", "largest", "micro-batch 1 against 16: median", "largest"],
            [
                .. rows.Select(row => (string[])[$"{row.Beta:N0}", .. Cells(row.Errors), Figure.Of(Quantile(row.Splits, 0.5)), Figure.Of(row.Splits.Max())]),
                [$"{Beta:N0}, reference rounded to fp16", .. Cells(half), "–", "–"],
                [$"{Beta:N0}, reference rounded to bf16", .. Cells(brain), "–", "–"],
            ])],
            Plots =
            [
                new("precision.svg", $"Error of the logit at β = {Beta:N0}", "log10 of the error", "share of pairs below",
                [
                    Distribution("float32 against float64", at.Errors), Distribution("micro-batch 1 against 16, both float32", at.Splits),
                    Distribution("reference rounded to fp16", half), Distribution("reference rounded to bf16", brain),
                ]),
            ],
            Reading = "The error is proportional to β and to the size of the errors, not to the distance of policy and reference. Two float32 runs that sum in another order differ by as much: "
                + "comparisons of gradients at β = 5000 need float64 or a tolerance of this size. Rounding the reference's error to half precision would bury the logit.",
            Refutation = $"a 99 % quantile above {Allowed} at β = {Beta:N0}, or a policy equal to the reference with a logit other than 0.",
            Checks =
            [
                new($"β = {Beta:N0}: 99 % of pairs have an error ≤ {Allowed}", worst.ToString("F4"), worst.Value <= Allowed),
                new("policy = reference: every logit is exactly 0 in float32", Figure.Of(errors.AtStart), errors.AtStart == 0),
            ],
        };
    }

    private static string[] Cells(double[] errors) => [Figure.Of(Quantile(errors, 0.5)), Figure.Of(Quantile(errors, 0.99)), Figure.Of(errors.Max())];

    private static double Quantile(double[] values, double share) => values.Order().ElementAt((int)(share * (values.Length - 1)));

    private static Series Distribution(string name, double[] errors)
    {
        double[] sorted = [.. errors.Where(error => error > 0).Order()];
        return new(name, [.. sorted.Select((error, at) => (Math.Log10(error), (at + 1.0 + errors.Length - sorted.Length) / errors.Length))]) { IsExact = true };
    }

    private sealed record Row(double Beta, double[] Errors, double[] Splits);
}
