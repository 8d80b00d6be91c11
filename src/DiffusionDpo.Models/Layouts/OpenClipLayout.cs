using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Models.Layouts;

/// <summary>
/// The parameters of OpenCLIP's text encoder, by transformers' names and by its own: the queries', keys' and values' projections are one, and
/// the text projection is multiplied from the other side.
/// </summary>
internal static class OpenClipLayout
{
    private const string ProjectionName = "text_projection";
    private const string ScaleName = "logit_scale"; // of the contrastive training; no part of the text encoder

    private static readonly string[] Projections = ["q_proj", "k_proj", "v_proj"];

    /// <summary>All parameters of a text encoder.</summary>
    public static IReadOnlyList<LayoutTensor> Of(TextEncoderOutline outline)
    {
        List<LayoutTensor> tensors = [];
        Place root = new(tensors), model = root.At("text_model", "");
        int width = outline.HiddenSize;
        model.At("embeddings.token_embedding", "token_embedding").Matrix(width, outline.VocabSize);
        model.At("embeddings.position_embedding.weight", "positional_embedding").Tensor(TensorForm.Same, outline.MaxPositionEmbeddings, width);
        for (int layer = 0; layer < outline.NumHiddenLayers; layer++) AddLayer(model.At($"encoder.layers.{layer}", $"transformer.resblocks.{layer}"), width, outline.IntermediateSize);
        model.At("final_layer_norm", "ln_final").Norm(width);
        if (outline.Projects) tensors.Add(Projection(new($"{ProjectionName}.weight", [outline.ProjectionDim, width])));
        return tensors;
    }

    /// <summary>
    /// What a single file has beside these parameters: a network that ends before the last layer (Stable Diffusion 2 takes the states there)
    /// leaves that layer and the projection of the pooled state behind it unused.
    /// </summary>
    public static bool IsUnused(string name, TextEncoderOutline outline) =>
        name == ScaleName
        || (!outline.Projects && (name == ProjectionName || name.StartsWith($"transformer.resblocks.{outline.NumHiddenLayers}.", StringComparison.Ordinal)));

    /// <summary>A layer of either encoder.</summary>
    public static void AddLayer(Place at, int width, int innerWidth)
    {
        at.At("layer_norm1", "ln_1").Norm(width);
        Place attention = at.At("self_attn", "attn");
        attention.Stack(Projections.Select(name => $"{name}.weight"), "in_proj_weight", width, width);
        attention.Stack(Projections.Select(name => $"{name}.bias"), "in_proj_bias", width);
        attention.At("out_proj").Linear(width, width);
        at.At("layer_norm2", "ln_2").Norm(width);
        at.At("mlp.fc1", "mlp.c_fc").Linear(width, innerWidth);
        at.At("mlp.fc2", "mlp.c_proj").Linear(innerWidth, width);
    }

    // The script that diffusers offers for this leaves the matrix as it is, under the name of a layer.
    private static LayoutTensor Projection(ParameterShape part) =>
        new(ProjectionName, TensorForm.Transposed, part) { Alternative = new($"{ProjectionName}.weight", TensorForm.Same, part) };
}
