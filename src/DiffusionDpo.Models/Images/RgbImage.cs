using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Images;

/// <summary>An image of 8 bits per channel.</summary>
/// <param name="Pixels">Height × width × 3 bytes: red, green, blue of the upper left pixel first.</param>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Height">Rows.</param>
public sealed record RgbImage(byte[] Pixels, int Width, int Height)
{
    /// <summary>Opacity of each pixel, from 0 to 255, where the file has some and it was asked for; otherwise null. Nothing is blended.</summary>
    public byte[]? Alpha { get; init; }

    /// <summary>Rounds to the nearest of 256 levels; what is outside [0, 1] becomes the nearest end, what is not a number 0.</summary>
    /// <param name="image">3 × height × width, nominally in [0, 1]; any device and floating type.</param>
    public static RgbImage From(Tensor image)
    {
        if (image.dim() != 3 || image.shape[0] != 3) throw new ArgumentException("an image is 3 x height x width", nameof(image));
        using DisposeScope scope = NewDisposeScope();
        Tensor levels = (image.detach().to(ScalarType.Float32) * 255).round().nan_to_num(0).clamp(0, 255).to(ScalarType.Byte);
        byte[] pixels = levels.permute(1, 2, 0).contiguous().cpu().data<byte>().ToArray();
        return new(pixels, (int)image.shape[2], (int)image.shape[1]);
    }
}
