using DiffusionDpo.Models.Images;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Images;

public sealed class RgbImageTests
{
    [Fact]
    public void Channels_come_last_and_values_are_rounded_and_clamped()
    {
        using Tensor image = tensor([0f, 0.5f, 1f, 2f, -1f, 0.1f, 1 / 255f, 0.49f / 255, float.NaN, 1, 0, 1], [3, 1, 4]);
        RgbImage rgb = RgbImage.From(image);
        Assert.Equal((4, 1), (rgb.Width, rgb.Height));
        Assert.Equal<byte>([0, 0, 0, 128, 26, 255, 255, 1, 0, 255, 0, 255], rgb.Pixels);
    }

    [Fact]
    public void Batch_is_refused()
    {
        using Tensor batch = zeros(1, 3, 4, 4);
        Assert.Throws<ArgumentException>(() => RgbImage.From(batch));
    }
}
