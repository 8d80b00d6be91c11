using DiffusionDpo.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Gpu;

/// <summary>
/// <c>training.tf32</c> is what decides how float32 is multiplied: without it products and convolutions are those of float32, with it their factors may
/// have ten bits of mantissa. Products have them on every GPU of compute capability 8.0 or more; a convolution may take an algorithm without. A CPU has no TF32.
/// </summary>
internal static class Tf32
{
    private const int Size = 512, Channels = 64, Side = 32, Filter = 3;
    private const double OfFloat32 = 5e-6, LeastOfTf32 = 5e-5, MostOfTf32 = 2e-3; // relative L2; half a unit of ten bits is 5e-4

    public static IEnumerable<Check> On(Device device)
    {
        foreach (bool allowed in (bool[])[true, false])
        {
            _ = ComputeDevices.Use(new() { Tf32 = allowed });
            bool rounds = allowed && device.type == DeviceType.CUDA;
            (double product, double convolution) = Distances(device);
            yield return Of("product", product, rounds ? LeastOfTf32 : 0);
            yield return Of("convolution", convolution, 0);

            Check Of(string what, double distance, double least)
            {
                double most = rounds ? MostOfTf32 : OfFloat32;
                return new($"{what} in float32, tf32 {allowed}: relative L2 to float64", $"{distance:E1}", $"{least:E0} to {most:E0}", distance >= least && distance <= most);
            }
        }
    }

    private static (double Product, double Convolution) Distances(Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor left = randn(Size, Size), right = randn(Size, Size), image = randn(2, Channels, Side, Side), filters = randn(Channels, Channels, Filter, Filter);
        return (
            Distance(left.to(device).mm(right.to(device)), left.@double().mm(right.@double())),
            Distance(nn.functional.conv2d(image.to(device), filters.to(device)), nn.functional.conv2d(image.@double(), filters.@double())));
    }

    private static double Distance(Tensor found, Tensor expected) => ((found.cpu().@double() - expected).norm() / expected.norm()).item<double>();
}
