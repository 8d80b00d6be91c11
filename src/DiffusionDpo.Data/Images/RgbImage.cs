namespace DiffusionDpo.Data.Images;

/// <summary>A decoded image.</summary>
/// <param name="Pixels">Rows of red, green, blue bytes: height × width × 3.</param>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
public sealed record RgbImage(byte[] Pixels, int Width, int Height);
