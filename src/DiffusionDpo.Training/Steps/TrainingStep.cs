using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>One optimizer step: the gradient of the objective over the micro-batches, guarded, clipped, applied. Synchronous, on one thread.</summary>
public sealed class TrainingStep
{
    /// <summary>The network that is trained.</summary>
    public required nn.Module<Tensor, Tensor, Conditioning, Tensor> Policy { get; init; }

    /// <summary>The policy's parameters.</summary>
    public required FlatParameters Parameters { get; init; }

    /// <summary>What the policy is compared with.</summary>
    public required IReference Reference { get; init; }

    /// <summary>What is minimised.</summary>
    public required IObjective Objective { get; init; }

    /// <summary>How it sees the policy's errors.</summary>
    public IPolicyErrors PolicyErrors { get; init; } = new PlainErrors();

    /// <summary>The update rule.</summary>
    public required IOptimizer Optimizer { get; init; }

    /// <summary>Its learning rate.</summary>
    public required WarmUp LearningRate { get; init; }

    /// <summary>Largest gradient norm that is not scaled down; 0: none is.</summary>
    public required double MaxGradientNorm { get; init; }

    /// <summary>Micro-batches of a step.</summary>
    public required int Accumulation { get; init; }

    /// <summary>Takes in the parameters after the step; null: no average is kept.</summary>
    public MovingAverage? Average { get; init; }

    /// <summary>How the policy's gradient is taken; null: with all activations kept.</summary>
    public IBackpropagation? Backpropagation { get; init; }

    /// <summary>Measures the phases.</summary>
    public required PhaseClock Clock { get; init; }

    /// <summary>Takes the step. Until it is complete nothing but gradients changes.</summary>
    /// <param name="nextBatch">Makes the next micro-batch, in the caller's dispose scope; all are of one size.</param>
    /// <param name="stop">Looked at between micro-batches; a stop discards the accumulated gradient.</param>
    /// <exception cref="RunException">Diverged: loss or gradient is not finite; parameters and moments are untouched.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public StepReport Run(Func<DenoisingBatch> nextBatch, CancellationToken stop)
    {
        using DisposeScope stepScope = NewDisposeScope();
        using Scalar share = 1.0 / Accumulation;
        Tensor totals = zeros(7, ScalarType.Float64, Parameters.Values.device);
        long pairs = 0;
        IBackpropagation policy = Backpropagation ?? new KeptActivations(Policy);
        Parameters.ZeroGradients();
        for (int micro = 0; micro < Accumulation; micro++)
        {
            stop.ThrowIfCancellationRequested();
            using DisposeScope microScope = NewDisposeScope();
            Clock.Enter(StepPhase.Data);
            DenoisingBatch batch = nextBatch();
            Clock.Enter(StepPhase.PolicyForward);
            Tensor policyErrors = PolicyErrors.Of(policy.Predict(batch), batch);
            Clock.Enter(StepPhase.Reference);
            Tensor? referenceErrors = Reference.Errors(batch);
            Clock.Enter(StepPhase.Backward);
            ObjectiveValue value = Objective.Evaluate(policyErrors, referenceErrors, batch.Weights);
            policy.Backward(value.Loss * share);
            Parameters.CollectGradients();
            totals.add_(value.Totals());
            pairs += batch.Pairs;
        }

        double[] sums = [.. totals.cpu().data<double>()]; // waits for the GPU: for what was asked of it before
        Clock.Enter(StepPhase.Optimizer);
        double norm = Parameters.GradientNorm(), rate = LearningRate.RateAt(Optimizer.Steps), counted = Math.Max(1, sums[6]);
        RequireFinite(sums[0] / counted, norm);
        Optimizer.Step(rate, FlatParameters.ClippingScale(norm, MaxGradientNorm));
        Parameters.UpdateNetwork();
        Average?.Update();
        return new(Optimizer.Steps, pairs, sums[0] / counted, sums[1] / counted, sums[2] / counted)
        {
            WinnerExcess = sums[3] / counted, LoserExcess = sums[4] / counted, ReferenceError = sums[5] / counted,
            GradientNorm = norm, LearningRate = rate, Phases = Clock.Take(),
        };
    }

    private void RequireFinite(double loss, double norm)
    {
        if (double.IsFinite(loss) && double.IsFinite(norm)) return;
        throw new RunException(
            ExitClass.Diverged,
            $"step {Optimizer.Steps + 1}: loss {loss:G4}, gradient norm {norm:G4}, which is not finite; go on from the last checkpoint with a lower optimizer.learningRate, and check the data");
    }
}
