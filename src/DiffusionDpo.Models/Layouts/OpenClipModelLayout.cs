using DiffusionDpo.Models.Clip;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Models.Layouts;

/// <summary>The parameters of a whole CLIP model by the names of transformers' <c>CLIPModel</c> and by OpenCLIP's, in which HPSv2 is published.</summary>
internal static class OpenClipModelLayout
{
    /// <summary>All parameters.</summary>
    public static IReadOnlyList<LayoutTensor> Of(ClipConfig config)
    {
        List<LayoutTensor> tensors = [.. OpenClipLayout.Of(Outline(config))];
        int width = config.Vision.HiddenSize;
        Place root = new(tensors), vision = root.At("vision_model", "visual");
        vision.At("embeddings.class_embedding", "class_embedding").Tensor(TensorForm.Same, width);
        vision.At("embeddings.patch_embedding.weight", "conv1.weight").Tensor(TensorForm.Same, width, 3, config.Vision.PatchSize, config.Vision.PatchSize);
        vision.At("embeddings.position_embedding.weight", "positional_embedding").Tensor(TensorForm.Same, config.Vision.Patches + 1, width);
        vision.At("pre_layrnorm", "ln_pre").Norm(width);
        for (int layer = 0; layer < config.Vision.NumHiddenLayers; layer++)
            OpenClipLayout.AddLayer(vision.At($"encoder.layers.{layer}", $"transformer.resblocks.{layer}"), width, config.Vision.IntermediateSize);
        vision.At("post_layernorm", "ln_post").Norm(width);
        tensors.Add(new("visual.proj", TensorForm.Transposed, new ParameterShape("visual_projection.weight", [config.ProjectionDim, width])));
        root.At("logit_scale").Tensor(TensorForm.Same);
        return tensors;
    }

    private static TextEncoderOutline Outline(ClipConfig config) => new()
    {
        Architectures = ["CLIPTextModelWithProjection"],
        VocabSize = config.Text.VocabSize,
        HiddenSize = config.Text.HiddenSize,
        IntermediateSize = config.Text.IntermediateSize,
        NumHiddenLayers = config.Text.NumHiddenLayers,
        MaxPositionEmbeddings = config.Text.MaxPositionEmbeddings,
        ProjectionDim = config.ProjectionDim,
    };
}
