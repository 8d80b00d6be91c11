using System.Text.Json;

namespace Shapes.Pipeline;

/// <summary>The configuration files of the tiny pipeline, with the keys of the published ones.</summary>
internal static class TinyConfigs
{
    /// <summary>How they are written.</summary>
    public static JsonSerializerOptions Json { get; } = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>model_index.json.</summary>
    public static object Index { get; } = new Dictionary<string, object?>
    {
        ["_class_name"] = "StableDiffusionPipeline",
        ["_diffusers_version"] = "0.6.0",
        ["scheduler"] = new[] { "diffusers", "PNDMScheduler" },
        ["text_encoder"] = new[] { "transformers", "CLIPTextModel" },
        ["tokenizer"] = new[] { "transformers", "CLIPTokenizer" },
        ["unet"] = new[] { "diffusers", "UNet2DConditionModel" },
        ["vae"] = new[] { "diffusers", "AutoencoderKL" },
    };

    /// <summary>
    /// Stable Diffusion 1.5's noise schedule with a stronger end (beta_end 0.02 for 0.012), after which ᾱ is 0.0002 and not 0.0047: sampling starts
    /// from pure noise, and what is left of the image favours the colours whose latents are nearest to 0 (Lin et al. 2024, "Common diffusion noise
    /// schedules and sample steps are flawed"). With Stable Diffusion's own end, and latents
    /// that were not yet normalised, 46 % of the samples were yellow.
    /// </summary>
    public static object Scheduler { get; } = new Dictionary<string, object?>
    {
        ["_class_name"] = "PNDMScheduler",
        ["beta_start"] = 0.00085,
        ["beta_end"] = 0.02,
        ["beta_schedule"] = "scaled_linear",
        ["num_train_timesteps"] = 1000,
        ["prediction_type"] = "epsilon",
        ["set_alpha_to_one"] = false,
        ["skip_prk_steps"] = true,
        ["steps_offset"] = 1,
        ["clip_sample"] = false,
    };

    /// <summary>A UNet of two levels over latents of 8 × 8.</summary>
    public static object UNet { get; } = new Dictionary<string, object?>
    {
        ["_class_name"] = "UNet2DConditionModel",
        ["sample_size"] = 8,
        ["in_channels"] = 4,
        ["out_channels"] = 4,
        ["block_out_channels"] = new[] { 48, 96 },
        ["layers_per_block"] = 1,
        ["down_block_types"] = new[] { "CrossAttnDownBlock2D", "CrossAttnDownBlock2D" },
        ["up_block_types"] = new[] { "CrossAttnUpBlock2D", "CrossAttnUpBlock2D" },
        ["cross_attention_dim"] = 32,
        ["attention_head_dim"] = 4,
        ["norm_num_groups"] = 16,
    };

    /// <summary>An autoencoder that makes 4 × 8 × 8 numbers of 64 × 64 pixels; they have mean 0 and deviation 1 as they are (<see cref="LatentNormalization"/>).</summary>
    public static object Autoencoder { get; } = new Dictionary<string, object?>
    {
        ["_class_name"] = "AutoencoderKL",
        ["sample_size"] = 64,
        ["in_channels"] = 3,
        ["out_channels"] = 3,
        ["latent_channels"] = 4,
        ["block_out_channels"] = new[] { 16, 32, 32, 32 },
        ["layers_per_block"] = 1,
        ["down_block_types"] = Enumerable.Repeat("DownEncoderBlock2D", 4),
        ["up_block_types"] = Enumerable.Repeat("UpDecoderBlock2D", 4),
        ["norm_num_groups"] = 16,
        ["act_fn"] = "silu",
        ["scaling_factor"] = 1.0,
    };

    /// <summary>A CLIP text encoder of two layers.</summary>
    /// <param name="words">Size of the vocabulary.</param>
    public static object TextEncoder(int words) => new Dictionary<string, object?>
    {
        ["architectures"] = new[] { "CLIPTextModel" },
        ["model_type"] = "clip_text_model",
        ["vocab_size"] = words,
        ["hidden_size"] = 32,
        ["intermediate_size"] = 128,
        ["num_hidden_layers"] = 2,
        ["num_attention_heads"] = 4,
        ["max_position_embeddings"] = 77,
        ["hidden_act"] = "quick_gelu",
        ["layer_norm_eps"] = 1e-5,
        ["eos_token_id"] = 2,
        ["projection_dim"] = 32,
    };
}
