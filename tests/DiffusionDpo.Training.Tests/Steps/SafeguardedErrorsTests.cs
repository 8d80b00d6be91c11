using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Steps;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Steps;

public sealed class SafeguardedErrorsTests : TorchTest
{
    private const double Beta = 2000;

    /// <summary>Residuals of winner and loser, flattened: alike, loser smaller, loser much larger, orthogonal, opposed, no winner's error, none at all.</summary>
    private static readonly (double[] Winner, double[] Loser)[] Pairs =
    [
        ([0.1, -0.2, 0.3, 0.4], [0.1, -0.2, 0.3, 0.4]), ([0.1, -0.2, 0.3, 0.4], [0.05, -0.1, 0.1, 0.2]), ([0.1, -0.2, 0.3, 0.4], [5, -7, 11, 13]),
        ([1, 0, 0, 0], [0, 1, 0, 0]), ([0.1, 0.2, 0, 0], [-0.3, -0.1, 1, 1]), ([0, 0, 0, 0], [1, 2, 3, 4]), ([0, 0, 0, 0], [0, 0, 0, 0]), ([1e-20, 0, 0, 0], [1e-20, 1, 0, 0]),
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(0.6)]
    [InlineData(1)]
    public void Scales_are_those_of_the_formula(double margin)
    {
        double[] scales = [.. new SafeguardedErrors(margin).LoserScales(Residuals(Pairs)).data<double>()];
        foreach ((int index, (double[] winner, double[] loser)) in Pairs.Index())
        {
            double own = 0, common = 0;
            for (int i = 0; i < winner.Length; i++)
            {
                // gradients of the mean of four squares
                own += Math.Pow(2 * winner[i] / 4, 2);
                common += 2 * winner[i] / 4 * (2 * loser[i] / 4);
            }

            Assert.Equal(common > 0 ? Math.Min(1, (1 - margin) * own / common) : 1, scales[index], 1e-12);
        }
    }

    [Fact]
    public void A_pairs_scale_is_its_own_whatever_batch_it_is_in()
    {
        var safeguard = new SafeguardedErrors(0.5);
        Tensor together = safeguard.LoserScales(Residuals(Pairs));
        foreach ((int index, (double[] Winner, double[] Loser) pair) in Pairs.Index())
            Assert.Equal(safeguard.LoserScales(Residuals([pair])).item<double>(), together[index].item<double>());
    }

    /// <summary>
    /// With a network whose output is its parameter plus its input, parameters and predictions move alike, so that what the formula promises of
    /// predictions can be seen on parameters: along the descent of the loss the winner's error falls by μ of its own descent where the loser
    /// was scaled, and without the safeguard it grows.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void The_winners_error_does_not_grow_along_the_descent(double margin)
    {
        using var network = new Shift();
        DenoisingBatch batch = Shift.Batch();
        (double plain, double own) = network.Descent(new PlainErrors(), batch);
        (double guarded, _) = network.Descent(new SafeguardedErrors(margin), batch);
        Assert.True(plain > 0, $"without the safeguard: {plain}");
        Assert.Equal(-margin * own, guarded, 1e-9 * own);
    }

    [Fact]
    public void Logits_and_losses_keep_their_values_to_the_bit_and_the_winners_gradient_is_whole()
    {
        using var run = new TinyRun(new SigmoidObjective(5000));
        run.Perturb(1e-3);
        DenoisingBatch batch = run.Batch(0, 3);
        Tensor plain = DenoisingErrors.Of(run.Policy, batch), guarded = new SafeguardedErrors(0.5).Of(new KeptActivations(run.Policy).Predict(batch), batch);
        Assert.True(plain.equal(guarded).all().item<bool>());
        Assert.True(Gradient(run, guarded.chunk(2)[0]).equal(Gradient(run, DenoisingErrors.Of(run.Policy, batch).chunk(2)[0])).all().item<bool>());
    }

    [Fact]
    public void A_losers_gradient_is_scaled_and_nothing_else_of_it()
    {
        using var run = new TinyRun(new SigmoidObjective(5000), type: ScalarType.Float64);
        run.Perturb(1e-3);
        DenoisingBatch batch = run.Batch(0, 1);
        var safeguard = new SafeguardedErrors(0.9);
        double scale = safeguard.LoserScales(DenoisingErrors.Residuals(new KeptActivations(run.Policy).Predict(batch), batch).detach()).item<double>();
        Assert.InRange(scale, 1e-3, 0.99);
        Tensor whole = Gradient(run, DenoisingErrors.Of(run.Policy, batch)[1]), scaled = Gradient(run, safeguard.Of(new KeptActivations(run.Policy).Predict(batch), batch)[1]);
        Assert.InRange(((whole * scale) - scaled).norm().item<double>() / scaled.norm().item<double>(), 0, 1e-12);
    }

    [Fact]
    public void A_step_with_it_reports_what_a_step_without_it_reports()
    {
        using var run = new TinyRun(new SigmoidObjective(5000));
        using var guarded = new TinyRun(new SigmoidObjective(5000), errors: new SafeguardedErrors(0.9));
        StepReport report = run.Step.Run(() => run.Batch(0, 2), CancellationToken.None), safe = guarded.Step.Run(() => guarded.Batch(0, 2), CancellationToken.None);
        Assert.Equal((report.Loss, report.ImplicitAccuracy, report.RewardMargin), (safe.Loss, safe.ImplicitAccuracy, safe.RewardMargin));
        Assert.True(Math.Abs((safe.GradientNorm / report.GradientNorm) - 1) > 0.01, $"{safe.GradientNorm} and {report.GradientNorm}");
    }

    private static Tensor Gradient(TinyRun run, Tensor errors)
    {
        run.Parameters.ZeroGradients();
        errors.sum().backward();
        return run.Parameters.Gradients.clone();
    }

    private static Tensor Residuals(IReadOnlyList<(double[] Winner, double[] Loser)> pairs) =>
        tensor(pairs.SelectMany(pair => pair.Winner).Concat(pairs.SelectMany(pair => pair.Loser)).ToArray(), [2 * pairs.Count, 1, 2, 2]);

    private sealed class Shift : nn.Module<Tensor, Tensor, Conditioning, Tensor>
    {
        private readonly Parameter shift = new(zeros(1, 1, 2, 2, ScalarType.Float64));

        public Shift()
            : base(nameof(Shift)) => RegisterComponents();

        public override Tensor forward(Tensor sample, Tensor timesteps, Conditioning conditioning) => sample + shift;

        /// <summary>A pair whose loser pulls three times as hard, in a direction not far from the winner's.</summary>
        public static DenoisingBatch Batch() => new(
            tensor(new[] { 0.1, -0.2, 0.3, 0.4, 0.5, -0.4, 1.1, 1.0 }, [2, 1, 2, 2]), zeros(2, ScalarType.Int64), new(zeros(2, 1, 1)), zeros(2, 1, 2, 2, ScalarType.Float64), ones(1, ScalarType.Float64));

        /// <summary>How the winner's error changes along the descent of the loss, per unit of pull; and how it would along its own.</summary>
        public (double Change, double Own) Descent(IPolicyErrors errors, DenoisingBatch batch)
        {
            Tensor policy = errors.Of(new KeptActivations(this).Predict(batch), batch), own = Slope(policy[0]);
            Tensor descent = Slope(new SigmoidObjective(Beta).Evaluate(policy = errors.Of(new KeptActivations(this).Predict(batch), batch), policy.detach(), batch.Weights).Loss);
            return (-(own * descent).sum().item<double>() * 4 / Beta, (own * own).sum().item<double>());
        }

        private Tensor Slope(Tensor value)
        {
            shift.grad = null;
            value.backward();
            return shift.grad!.clone();
        }
    }
}
