using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layers;

/// <summary>Scaled dot-product attention over several heads.</summary>
internal static class MultiHead
{
    /// <summary>softmax(q·kᵀ/√d)·v for each head.</summary>
    /// <param name="query">[N, L, heads·d].</param>
    /// <param name="key">[N, S, heads·d].</param>
    /// <param name="value">[N, S, heads·d].</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="causal">Position i sees positions up to i only.</param>
    /// <returns>[N, L, heads·d].</returns>
    public static Tensor Attend(Tensor query, Tensor key, Tensor value, int heads, bool causal = false)
    {
        // [N, L, heads·d] → [N, heads, L, d] by strides alone; the kernel's output has the same layout, so that flatten is a view.
        Tensor attended = nn.functional.scaled_dot_product_attention(Split(query), Split(key), Split(value), is_casual: causal);
        return attended.transpose(1, 2).flatten(2);

        Tensor Split(Tensor x) => x.unflatten(2, [heads, x.size(2) / heads]).transpose(1, 2);
    }
}
