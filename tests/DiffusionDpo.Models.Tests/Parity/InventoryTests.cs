using System.Text.Json;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Parity;

/// <summary>The contract with published checkpoints: names and shapes of all parameters at full size.</summary>
[Trait("Category", "Parity")]
public sealed class InventoryTests
{
    private static readonly Dictionary<string, Func<string, nn.Module>> Parts = new()
    {
        ["unet"] = file => new UNet2DConditionModel(UNetConfig.FromFile(file), META),
        ["vae"] = file => new AutoencoderKL(AutoencoderConfig.FromFile(file), META),
        ["text_encoder_2"] = file => new ClipTextModel(ClipTextConfig.FromFile(file), META),
        ["text_encoder"] = file => new ClipTextModel(ClipTextConfig.FromFile(file), META),
    };

    /// <summary>Inventories FAMILY.PART.</summary>
    public static TheoryData<string, string> Inventories =>
    [
        .. Directory.GetFiles(Goldens.Path("inventory"), "*.shapes.json").Order(StringComparer.Ordinal)
            .Select(file => Path.GetFileName(file).Split('.'))
            .Select(name => (name[0], name[1])),
    ];

    [Theory]
    [MemberData(nameof(Inventories))]
    public void Keys_and_shapes_are_the_published_ones(string family, string part)
    {
        using nn.Module network = Parts[part](Goldens.Path("inventory", $"{family}.{part}.config.json"));
        using JsonDocument shapes = Goldens.Json("inventory", $"{family}.{part}.shapes.json");
        using JsonDocument counts = Goldens.Json("inventory", "counts.json");
        JsonElement count = counts.RootElement.GetProperty($"{family}.{part}");

        string[] expected = [.. shapes.RootElement.EnumerateObject().Select(each => $"{each.Name} {Shape(each.Value)}").Order(StringComparer.Ordinal)];
        string[] actual = [.. network.state_dict().Select(each => $"{each.Key} [{string.Join(", ", each.Value.shape)}]").Order(StringComparer.Ordinal)];
        Assert.Equal(expected, actual);
        Assert.Equal(count.GetProperty("tensors").GetInt32(), actual.Length);
        Assert.Equal(count.GetProperty("parameters").GetInt64(), network.parameters().Sum(parameter => parameter.numel()));
    }

    private static string Shape(JsonElement sizes) => $"[{string.Join(", ", sizes.EnumerateArray().Select(size => size.GetInt64()))}]";
}
