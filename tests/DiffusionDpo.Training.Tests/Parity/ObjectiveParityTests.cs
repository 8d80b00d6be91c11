using System.Text.Json;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.Steps;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Parity;

[Trait("Category", "Parity")]
public sealed class ObjectiveParityTests : TorchTest
{
    /// <summary>
    /// A tensor's gradient can be a small difference of large parts: in the reference's own float32 run the worst tensor (SDXL, β 5000) is 3.3 times as far from
    /// its float64 run as all together. In float64 no tensor is allowed more.
    /// </summary>
    private const double Worst = 3.3;

    public static TheoryData<string, string> Betas => GoldenRun.Betas();

    public static TheoryData<string> Sft => GoldenRun.Sft();

    [Theory]
    [MemberData(nameof(Betas))]
    public void Dpo_losses_and_gradients_are_those_of_the_reference(string tag, string beta)
    {
        Dictionary<string, Tensor> golden = GoldenRun.Tensors("dpo", $"{tag}_beta{beta}.safetensors");
        using JsonDocument summary = Goldens.Json("dpo", tag + ".json");
        JsonElement expected = summary.RootElement.GetProperty("beta" + beta);
        using Evaluation run = new(tag, ScalarType.Float32, DpoBatch(tag, ScalarType.Float32), new SigmoidObjective(double.Parse(beta)));

        Assert.InRange(Goldens.RelativeL2(run.PolicyErrors, golden["model_losses"]), 0, 1e-6);
        Assert.InRange(Goldens.RelativeL2(run.ReferenceErrors!, golden["ref_losses"]), 0, 1e-6);
        Assert.InRange(Goldens.MaxAbs(run.Value.Logits!, golden["inside_term"]), 0, double.Parse(beta) * 5e-7);
        Assert.InRange(Goldens.MaxAbs(run.Value.Loss, golden["loss"]), 0, 1e-3);
        Assert.Equal(expected.GetProperty("implicit_acc").GetDouble(), run.Value.Agreements!.mean().item<float>());
        Assert.Equal(1, run.Parameters.GradientNorm() / expected.GetProperty("grad_norm_f32").GetDouble(), 1e-3);
        run.AssertGradients($"{tag}_beta{beta}_grads.safetensors", 1e-3, Worst * 1e-3);
    }

    [Theory]
    [MemberData(nameof(Betas))]
    public void Dpo_losses_and_gradients_in_float64_are_those_of_the_reference(string tag, string beta)
    {
        Dictionary<string, Tensor> golden = GoldenRun.Tensors("dpo", $"{tag}_beta{beta}.safetensors");
        using Evaluation run = new(tag, ScalarType.Float64, DpoBatch(tag, ScalarType.Float64), new SigmoidObjective(double.Parse(beta)));

        Assert.InRange(Goldens.RelativeL2(run.PolicyErrors, golden["model_losses_f64"]), 0, 1e-8);
        Assert.InRange(Goldens.RelativeL2(run.ReferenceErrors!, golden["ref_losses_f64"]), 0, 1e-8);
        Assert.InRange(Goldens.MaxAbs(run.Value.Logits!, golden["inside_term_f64"]), 0, double.Parse(beta) * 1e-10);
        Assert.InRange(Goldens.MaxAbs(run.Value.Loss, golden["loss_f64"]), 0, 1e-8);
        run.AssertGradients($"{tag}_beta{beta}_grads.safetensors", 1e-6, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Sft))]
    public void Sft_loss_and_gradients_are_those_of_the_reference(string tag)
    {
        Dictionary<string, Tensor> golden = GoldenRun.Tensors("dpo", $"{tag}_sft.safetensors");
        using Evaluation run = new(tag, ScalarType.Float32, SftBatch(tag, ScalarType.Float32), new SftObjective());
        Assert.InRange(Goldens.RelativeL2(run.Value.Loss, golden["loss"]), 0, 1e-6);
        run.AssertGradients($"{tag}_sft_grads.safetensors", 5e-6, Worst * 5e-6);
    }

    [Theory]
    [MemberData(nameof(Sft))]
    public void Sft_loss_and_gradients_in_float64_are_those_of_the_reference(string tag)
    {
        Dictionary<string, Tensor> golden = GoldenRun.Tensors("dpo", $"{tag}_sft.safetensors");
        using Evaluation run = new(tag, ScalarType.Float64, SftBatch(tag, ScalarType.Float64), new SftObjective());
        Assert.InRange(Goldens.MaxAbs(run.Value.Loss, golden["loss_f64"]), 0, 1e-8);
        run.AssertGradients($"{tag}_sft_grads.safetensors", 1e-6, 1e-6);
    }

    private static DenoisingBatch DpoBatch(string tag, ScalarType type)
    {
        Dictionary<string, Tensor> inputs = GoldenRun.Tensors("dpo", $"{tag}_inputs.safetensors");
        return new(
            inputs["noisy_latents"].to(type), inputs["timesteps"].repeat(2), GoldenRun.Conditioning(inputs, "", inputs["noisy_latents"].shape[0], type),
            inputs["noise"].to(type).repeat(2, 1, 1, 1), ones(inputs["timesteps"].shape, type));
    }

    private static DenoisingBatch SftBatch(string tag, ScalarType type)
    {
        Dictionary<string, Tensor> inputs = GoldenRun.Tensors("dpo", $"{tag}_sft_inputs.safetensors");
        return new(
            inputs["noisy_latents"].to(type), inputs["timesteps"], GoldenRun.Conditioning(inputs, "", inputs["noisy_latents"].shape[0], type), inputs["noise"].to(type),
            ones(inputs["timesteps"].shape, type));
    }

    /// <summary>Loss and gradient of the recorded policy on a recorded batch.</summary>
    private sealed class Evaluation : IDisposable
    {
        private readonly UNet2DConditionModel policy, reference;

        public Evaluation(string tag, ScalarType type, DenoisingBatch batch, IObjective objective)
        {
            policy = GoldenRun.Policy(tag, type);
            reference = GoldenRun.Reference(tag, type);
            Parameters = FlatParameters.Of(policy);
            PolicyErrors = DenoisingErrors.Of(policy, batch);
            ReferenceErrors = objective.ComparesWithReference ? new FrozenReference(reference).Errors(batch) : null;
            Value = objective.Evaluate(PolicyErrors, ReferenceErrors, batch.Weights);
            Value.Loss.backward();
        }

        public FlatParameters Parameters { get; }

        public Tensor PolicyErrors { get; }

        public Tensor? ReferenceErrors { get; }

        public ObjectiveValue Value { get; }

        /// <summary>The gradient of every parameter; the message lists all that are off.</summary>
        /// <param name="file">The recorded gradients.</param>
        /// <param name="tolerance">Of all of them together, relative L2.</param>
        /// <param name="worst">Of each of them.</param>
        public void AssertGradients(string file, double tolerance, double worst)
        {
            Dictionary<string, Tensor> golden = GoldenRun.Tensors("dpo", file);
            Assert.Equal(golden.Keys.Order(), Parameters.Slices.Select(slice => slice.Name).Order());
            string[] off =
            [
                .. Parameters.Named(Parameters.Gradients).Select(each => (each.Name, Distance: Goldens.RelativeL2(each.Tensor, golden[each.Name])))
                    .Where(each => each.Distance > worst).Select(each => $"{each.Name} {each.Distance:E2}"),
            ];
            Assert.True(off.Length == 0, $"{off.Length} of {golden.Count} are off: {string.Join(", ", off)}");
            Tensor All(Func<string, Tensor> of) => cat([.. Parameters.Slices.Select(slice => of(slice.Name).flatten())]);
            Dictionary<string, Tensor> own = Parameters.Named(Parameters.Gradients).ToDictionary(each => each.Name, each => each.Tensor);
            Assert.InRange(Goldens.RelativeL2(All(name => own[name]), All(name => golden[name])), 0, tolerance);
        }

        public void Dispose()
        {
            Parameters.Dispose();
            policy.Dispose();
            reference.Dispose();
        }
    }
}
