using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layouts;

/// <summary>How the tensors of a converted model are stored.</summary>
public sealed record ConversionSettings
{
    /// <summary>Element type of floating tensors: Float32, Float16 or BFloat16; null keeps each tensor's own.</summary>
    public ScalarType? Precision { get; init; }

    /// <summary>The same of the autoencoder's, where they are to differ.</summary>
    public ScalarType? AutoencoderPrecision { get; init; }

    /// <summary>Counts what is written.</summary>
    public WriteMeter Meter { get; init; } = new();

    /// <summary>The type that a tensor of a component is stored in.</summary>
    internal ScalarType TypeOf(string component, ScalarType own) =>
        TensorToWrite.TypeOf(own, component == ModelConfigs.Autoencoder ? AutoencoderPrecision ?? Precision : Precision);

    /// <summary>Refuses half precision for an autoencoder that overflows in it, unless it is asked for by its own option or is so already.</summary>
    /// <exception cref="RunException">User error.</exception>
    internal void RefuseOverflow(ModelLayout layout, string source, IEnumerable<ScalarType> stored)
    {
        if (!layout.NeedsWideAutoencoder || Precision != ScalarType.Float16 || AutoencoderPrecision is not null || stored.All(type => type == ScalarType.Float16)) return;
        throw new RunException(
            ExitClass.UserError,
            $"{source}: the autoencoder of this family overflows in fp16 (black images); give --vae-precision fp32 or bf16, "
            + "or --vae-precision fp16 if it is the one that was fixed for fp16 (its vae/config.json has force_upcast false)");
    }
}
