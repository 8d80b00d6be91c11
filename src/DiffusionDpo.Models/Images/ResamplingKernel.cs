namespace DiffusionDpo.Models.Images;

/// <summary>A filter by which images are resized with antialiasing: it is as wide as the reduction.</summary>
/// <param name="Support">Half its width at the scale 1, in samples.</param>
/// <param name="Weight">Its value at a distance from its middle, in samples.</param>
public sealed record ResamplingKernel(double Support, Func<double, double> Weight)
{
    /// <summary>A triangle: PIL's BILINEAR.</summary>
    public static ResamplingKernel Triangle { get; } = new(1, static x => Math.Max(0, 1 - Math.Abs(x)));

    /// <summary>Keys' cubic with a = −1/2 (Keys 1981): PIL's BICUBIC, and PyTorch's antialiased one.</summary>
    public static ResamplingKernel Cubic { get; } = new(2, static x => KeysCubic(x, -0.5));

    /// <summary>Keys' cubic convolution kernel (Keys 1981, equation 4 with a free).</summary>
    internal static double KeysCubic(double x, double a)
    {
        double distance = Math.Abs(x);
        if (distance < 1) return ((((a + 2) * distance) - (a + 3)) * distance * distance) + 1;
        return distance < 2 ? ((((distance - 5) * distance) + 8) * distance - 4) * a : 0;
    }
}
