namespace DiffusionDpo.Models.Layouts;

/// <summary>The parameters of OpenAI's text encoder, whose single-file names are those of transformers.</summary>
internal static class ClipLayout
{
    private const string Model = "text_model";

    /// <summary>All parameters of a text encoder.</summary>
    public static IReadOnlyList<LayoutTensor> Of(TextEncoderOutline outline)
    {
        List<LayoutTensor> tensors = [];
        Place root = new(tensors), model = root.At(Model);
        int width = outline.HiddenSize;
        model.At("embeddings.token_embedding").Matrix(width, outline.VocabSize);
        model.At("embeddings.position_embedding").Matrix(width, outline.MaxPositionEmbeddings);
        for (int layer = 0; layer < outline.NumHiddenLayers; layer++)
        {
            Place at = model.At($"encoder.layers.{layer}");
            at.At("layer_norm1").Norm(width);
            foreach (string projection in (string[])["q_proj", "k_proj", "v_proj", "out_proj"]) at.At($"self_attn.{projection}").Linear(width, width);
            at.At("layer_norm2").Norm(width);
            at.At("mlp.fc1").Linear(width, outline.IntermediateSize);
            at.At("mlp.fc2").Linear(outline.IntermediateSize, width);
        }

        model.At("final_layer_norm").Norm(width);
        if (outline.Projects) root.At("text_projection").Matrix(width, outline.ProjectionDim);
        return [.. tensors.Select(WithoutModel)];
    }

    // Files of 2022 lack this part of the names.
    private static LayoutTensor WithoutModel(LayoutTensor tensor) => tensor.Name.StartsWith($"{Model}.", StringComparison.Ordinal)
        ? tensor with { Alternative = tensor with { Name = tensor.Name[(Model.Length + 1)..] } }
        : tensor;
}
