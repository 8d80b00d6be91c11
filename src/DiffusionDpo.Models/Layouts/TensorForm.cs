namespace DiffusionDpo.Models.Layouts;

/// <summary>How a tensor of the single-file layout comes from those of the diffusers layout.</summary>
internal enum TensorForm
{
    /// <summary>The same numbers in the same shape.</summary>
    Same,

    /// <summary>A matrix [o, i] there, a 1×1 convolution [o, i, 1, 1] here.</summary>
    Pointwise,

    /// <summary>A matrix [o, i] there, [i, o] here.</summary>
    Transposed,

    /// <summary>Several tensors there, one below the other here: the queries', keys' and values' projections.</summary>
    Stacked,
}
