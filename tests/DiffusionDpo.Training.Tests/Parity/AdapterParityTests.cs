using System.Text.Json;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.Steps;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Parity;

/// <summary>Diffusion-DPO on adapters as peft has them; the reference is the network with the adapters off.</summary>
[Trait("Category", "Parity")]
public sealed class AdapterParityTests : TorchTest
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Losses_and_gradients_are_those_of_the_reference(ScalarType type)
    {
        bool isExact = type == ScalarType.Float64;
        Dictionary<string, Tensor> inputs = GoldenRun.Tensors("lora", "inputs.safetensors"), golden = GoldenRun.Tensors("lora", "outputs.safetensors");
        Dictionary<string, Tensor> gradients = GoldenRun.Tensors("lora", "grads.safetensors");
        using JsonDocument summary = Goldens.Json("lora", "lora.json");
        double beta = summary.RootElement.GetProperty("beta_dpo").GetDouble();
        using UNet2DConditionModel policy = GoldenRun.Reference("sd15", type);
        foreach (var parameter in policy.parameters()) parameter.requires_grad_(false);
        using LoraAdapters adapters = LoraFile.Attach(Goldens.Path("lora", "pytorch_lora_weights.safetensors"), policy, baseHash: null);
        foreach (var slot in adapters.Slots()) slot.Replace(new(slot.Current.detach().to(type)));
        using FlatParameters parameters = FlatParameters.Of(adapters.Slots(), type, sumsGradients: false);
        long rows = inputs["noisy_latents"].shape[0];
        DenoisingBatch batch = new(
            inputs["noisy_latents"].to(type), inputs["timesteps"].repeat(2), GoldenRun.Conditioning(inputs, "", rows, type),
            inputs["noise"].to(type).repeat(2, 1, 1, 1), ones(rows / 2, type));

        Tensor errors = DenoisingErrors.Of(policy, batch), references = new AdaptersOff(policy, adapters).Errors(batch)!;
        ObjectiveValue value = new SigmoidObjective(beta).Evaluate(errors, references, batch.Weights);
        value.Loss.backward();
        string suffix = isExact ? "_f64" : "";

        // the encoding of timesteps is float32 in the float64 run too, and rounds in another way with another math library
        double slack = TimeEncoding.Sensitivity(policy, () => DenoisingErrors.Of(policy, batch).detach());
        Assert.InRange(Goldens.RelativeL2(errors, golden["model_losses" + suffix]), 0, isExact ? 1e-8 + slack : 1e-6);
        Assert.InRange(Goldens.RelativeL2(references, golden["ref_losses" + suffix]), 0, isExact ? 1e-8 + slack : 1e-6);
        Assert.InRange(Goldens.MaxAbs(value.Logits!, golden["inside_term" + suffix]), 0, beta * (isExact ? 1e-10 + slack : 5e-7));
        Assert.InRange(Goldens.MaxAbs(value.Loss, golden["loss" + suffix]), 0, isExact ? 1e-8 + (beta * slack) : 1e-3);
        Assert.Equal(gradients.Keys.Order(), parameters.Slices.Select(slice => slice.Name).Order());
        Assert.All(parameters.Named(parameters.Gradients), each => Assert.InRange(Goldens.RelativeL2(each.Tensor, gradients[each.Name]), 0, isExact ? 1e-6 : 1e-3));
    }
}
